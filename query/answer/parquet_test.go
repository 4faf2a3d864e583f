package answer

import (
	"bytes"
	"testing"
)

// What the file holds is tested where it is made, in engine/archive, and by DuckDB in query/oracletest.
func TestParquetOfAnswers(t *testing.T) {
	f := func(a *Answer, want string) {
		t.Helper()
		var b bytes.Buffer
		if err := a.WriteParquet(&b); err != nil {
			t.Fatal(err)
		}
		if !bytes.HasPrefix(b.Bytes(), []byte("PAR1")) || !bytes.HasSuffix(b.Bytes(), []byte("PAR1")) {
			t.Error("this is no Parquet file")
		}
		if want != "" && !bytes.Contains(b.Bytes(), []byte(want)) {
			t.Errorf("%q is not in the file", want)
		}
	}
	f(sample(), "gpt-4o")
	empty := sample()
	empty.Rows = nil
	f(empty, "cost")
}
