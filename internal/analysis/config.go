package analysis

// Config is what a user may set about the analysis. The zero value is the
// default. A Config is not changed after it was given to a snapshot.
type Config struct {
	// Severities re-levels rules; Off switches one off.
	Severities map[Code]Severity
	// Suppressions take single findings out.
	Suppressions []*Suppression
}

// severity returns the level at which the code is reported here.
func (c *Config) severity(code Code, level Severity) Severity {
	if c != nil {
		if s, ok := c.Severities[code]; ok {
			return s
		}
	}
	return level
}
