package local

import "os"

// Unlock gives the folder free as the end of the process would, and leaves all
// else as it is.
func (p *Platform) Unlock() error {
	none, err := os.Open(os.DevNull)
	if err != nil {
		return err
	}
	lock := p.store.lock
	p.store.lock = none
	return lock.Close()
}
