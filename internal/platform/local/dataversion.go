package local

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
)

// A dataVersion asks which version of the database a connection sees: another one after
// each commit of another connection, whoever has it, and the same after its own.
type dataVersion struct {
	asks driver.StmtQueryContext
	ask  driver.Stmt // the same
}

// newDataVersion prepares the question with the driver's own statement: what database/sql
// does around one takes as long again.
func newDataVersion(ctx context.Context, conn *sql.Conn) (*dataVersion, error) {
	v := &dataVersion{}
	err := conn.Raw(func(c any) error {
		prepares, ok := c.(driver.ConnPrepareContext)
		if !ok {
			return errors.New("the driver prepares no statements")
		}
		stmt, err := prepares.PrepareContext(ctx, "PRAGMA data_version")
		if err != nil {
			return err
		}
		v.ask = stmt
		if v.asks, ok = stmt.(driver.StmtQueryContext); !ok {
			return errors.Join(errors.New("the driver's statements cannot be asked"), stmt.Close())
		}
		return nil
	})
	return v, err
}

func (v *dataVersion) look(ctx context.Context) (driver.Value, error) {
	rows, err := v.asks.QueryContext(ctx, nil)
	if err != nil {
		return nil, err
	}
	var row [1]driver.Value
	if err = rows.Next(row[:]); errors.Is(err, io.EOF) {
		err = errors.New("the database has no version")
	}
	return row[0], errors.Join(err, rows.Close())
}

func (v *dataVersion) close() error {
	if v == nil || v.ask == nil {
		return nil
	}
	return v.ask.Close()
}
