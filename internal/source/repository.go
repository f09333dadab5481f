package source

import (
	"os"
	"path/filepath"
)

// Repository returns the root of the Git repository that a folder, given by its
// absolute path, lies in; false where it lies in none. Git itself is not asked.
func Repository(folder string) (root string, ok bool) {
	for dir := folder; ; dir = filepath.Dir(dir) {
		// A folder, or a file in worktrees and submodules.
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return dir, true
		}
		if dir == filepath.Dir(dir) {
			return "", false
		}
	}
}
