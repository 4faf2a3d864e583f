package answer

import (
	"bytes"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
)

func TestArrowReadsBack(t *testing.T) {
	var b bytes.Buffer
	if err := sample().WriteArrow(&b); err != nil {
		t.Fatal(err)
	}
	r, err := ipc.NewReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Release()
	if !r.Next() {
		t.Fatal("the stream has no record")
	}
	rec := r.Record()
	if rec.NumRows() != 2 || rec.ColumnName(3) != "cost" {
		t.Fatalf("got %v", rec)
	}
	cost := rec.Column(3).(*array.Decimal128)
	if got := cost.Value(0).ToString(9); got != "0.012345678" {
		t.Errorf("cost is %s", got)
	}
	if !rec.Column(4).IsNull(1) || rec.Column(2).(*array.Int64).Value(0) != 3 {
		t.Error("a missing value came back, or a number was lost")
	}
}

func TestArrowOfNothing(t *testing.T) {
	a := sample()
	a.Rows = nil
	var b bytes.Buffer
	if err := a.WriteArrow(&b); err != nil {
		t.Fatal(err)
	}
	r, err := ipc.NewReader(&b)
	if err != nil || r.Schema().NumFields() != len(a.Columns) || r.Next() {
		t.Errorf("an empty answer reads back as %v, %v", r, err)
	}
}
