package journal

// syncDir has nothing to do where the system keeps entries of folders itself.
func syncDir(...string) error { return nil }
