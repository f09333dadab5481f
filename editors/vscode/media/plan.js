// The page of the plan view: says what was chosen on it.
'use strict';
(() => {
  const editor = acquireVsCodeApi();
  document.addEventListener('click', event => {
    const chosen = event.target.closest('[data-path], [data-do]');
    if (chosen) {
      event.preventDefault();
      editor.postMessage(chosen.dataset.path === undefined ? { type: chosen.dataset.do } : { type: 'reveal', path: chosen.dataset.path });
    }
  });
})();
