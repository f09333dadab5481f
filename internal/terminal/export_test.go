package terminal

// RowsOf is for tests that resize a terminal only so far as it scrolls nothing out.
var RowsOf = rowsOf
