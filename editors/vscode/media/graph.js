// The page of the graph view. It shows the drawing that it is sent and says which node was chosen; it decides nothing.
'use strict';
(() => {
  const editor = acquireVsCodeApi();
  const nonce = document.currentScript.dataset.nonce;
  const graph = document.getElementById('graph');
  const said = document.getElementById('said');
  let scale = editor.getState()?.scale ?? 1;
  /** The node that the keys are on, and the one at the cursor of the editor. */
  let focused;
  let here;
  /** What was said of each node: only what is new is told to who listens. */
  let states = new Map();

  const nodes = () => [...graph.querySelectorAll('.node')];
  const at = path => nodes().find(node => node.dataset.path === path);
  const textOf = node => [...node.querySelectorAll(':scope > text')].map(text => text.textContent);

  function draw(svg) {
    const had = graph.contains(document.activeElement) ? focused : undefined;
    // The drawing comes from the server; it is parsed as a picture, so that it can hold nothing that runs.
    const picture = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement;
    if (picture.nodeName !== 'svg') {
      fail('The graph could not be read.');
      return;
    }
    picture.querySelectorAll('script, foreignObject').forEach(one => one.remove());
    const style = picture.querySelector('style');
    if (style) {
      style.setAttribute('nonce', nonce);
    }
    picture.setAttribute('role', 'group');
    graph.replaceChildren(document.importNode(picture, true));
    const spoken = [];
    const now = new Map();
    for (const node of nodes()) {
      const texts = textOf(node);
      const state = node.querySelector(':scope > .state')?.textContent ?? '';
      node.setAttribute('role', 'button');
      node.setAttribute('aria-label', texts.join(', '));
      node.setAttribute('tabindex', '-1');
      now.set(node.dataset.path, state);
      if (states.size > 0 && state !== '' && states.get(node.dataset.path) !== state) {
        spoken.push(`${texts[0]}: ${state}`);
      }
    }
    states = now;
    said.textContent = spoken.join('. ');
    resize();
    mark(here);
    const first = at(focused) ?? at(here) ?? nodes()[0];
    first?.setAttribute('tabindex', '0');
    if (had !== undefined) {
      at(had)?.focus({ preventScroll: true });
    }
  }

  function fail(message) {
    graph.textContent = message;
    said.textContent = message;
  }

  function resize() {
    const picture = graph.querySelector('svg');
    const box = picture?.viewBox.baseVal;
    if (box) {
      picture.setAttribute('width', String(box.width * scale));
      picture.setAttribute('height', String(box.height * scale));
    }
    editor.setState({ scale });
  }

  function mark(path) {
    here = path;
    nodes().forEach(node => {
      node.classList.toggle('here', node.dataset.path === path);
      node.toggleAttribute('aria-current', node.dataset.path === path);
    });
  }

  function focus(node) {
    if (!node) {
      return;
    }
    nodes().forEach(one => one.setAttribute('tabindex', one === node ? '0' : '-1'));
    focused = node.dataset.path;
    node.focus();
    node.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  /** The nearest node in a direction, by the middles of the boxes. */
  function towards(from, dx, dy) {
    const middle = node => {
      const box = node.getBoundingClientRect();
      return [box.x + box.width / 2, box.y + Math.min(box.height / 2, 20)];
    };
    const [x, y] = middle(from);
    const rated = nodes().filter(node => node !== from).map(node => {
      const [nx, ny] = middle(node);
      const along = (nx - x) * dx + (ny - y) * dy;
      const across = Math.abs((nx - x) * dy) + Math.abs((ny - y) * dx);
      return { node, along, cost: along + 2 * across };
    });
    return rated.filter(one => one.along > 4).sort((a, b) => a.cost - b.cost)[0]?.node;
  }

  const arrows = { ArrowDown: [0, 1], ArrowUp: [0, -1], ArrowRight: [1, 0], ArrowLeft: [-1, 0] };

  document.addEventListener('keydown', event => {
    if (event.key === '+' || event.key === '-' || event.key === '0') {
      scale = event.key === '0' ? 1 : Math.min(4, Math.max(0.2, scale * (event.key === '+' ? 1.2 : 1 / 1.2)));
      resize();
      return;
    }
    const node = document.activeElement?.closest?.('.node');
    if (!node) {
      return;
    }
    if (event.key in arrows) {
      focus(towards(node, ...arrows[event.key]));
    } else if (event.key === 'Tab') {
      const all = nodes();
      const next = all[all.indexOf(node) + (event.shiftKey ? -1 : 1)];
      if (!next) {
        return; // out of the drawing
      }
      focus(next);
    } else if (event.key === 'Home' || event.key === 'End') {
      focus(nodes().at(event.key === 'Home' ? 0 : -1));
    } else if (event.key === 'Enter' || event.key === ' ') {
      editor.postMessage({ type: 'reveal', path: node.dataset.path });
    } else {
      return;
    }
    event.preventDefault();
  });

  graph.addEventListener('click', event => {
    const node = event.target.closest('.node');
    if (node) {
      focus(node);
      editor.postMessage({ type: 'reveal', path: node.dataset.path });
    }
  });

  window.addEventListener('message', ({ data }) => {
    switch (data.type) {
      case 'draw':
        draw(data.svg);
        break;
      case 'fail':
        fail(data.message);
        break;
      case 'select':
        mark(data.path);
        at(data.path)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    }
  });
  editor.postMessage({ type: 'ready' });
})();
