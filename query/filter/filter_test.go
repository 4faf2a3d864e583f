package filter

import (
	"reflect"
	"strings"
	"testing"

	"analytics/engine/fault"
)

func TestParse(t *testing.T) {
	f := func(text string, want ...Condition) {
		t.Helper()
		got, err := Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			return
		}
		if len(got)+len(want) > 0 && !reflect.DeepEqual([]Condition(got), want) {
			t.Errorf("%s is %+v, want %+v", text, got, want)
		}
	}
	is := func(name string, op Op, values ...string) Condition {
		return Condition{name, op, values}
	}
	f("")
	f(" ; ;")
	f("provider==openai", is("provider", Equal, "openai"))
	f("provider == openai ;", is("provider", Equal, "openai"))
	f("a!=b;c=~gpt-*;d<1;e<=2;f>3;g>=4", is("a", NotEqual, "b"), is("c", Glob, "gpt-*"),
		is("d", Less, "1"), is("e", LessEqual, "2"), is("f", Greater, "3"), is("g", GreaterEqual, "4"))
	f("m in a,b , c", is("m", In, "a", "b", "c"))
	f("m in (a, b);x==1", is("m", In, "a", "b"), is("x", Equal, "1"))
	f("m in(a)", is("m", In, "a"))
	f(`m=="a;b";n in "x,y",'z\''`, is("m", Equal, "a;b"), is("n", In, "x,y", "z'"))
	f(`provider==""`, is("provider", Equal, ""))
	f("provider==", is("provider", Equal, ""))
	f("url==a=b==c", is("url", Equal, "a=b==c"))
	f("in==x", is("in", Equal, "x"))
}

func TestParseRefuses(t *testing.T) {
	f := func(text, says string) {
		t.Helper()
		_, err := Parse(text)
		fault := fault.Of(err)
		if err == nil || fault.Code != "invalid_filter" || fault.Field != "filter" {
			t.Errorf("%s: %v", text, err)
		} else if !strings.Contains(fault.Message, says) {
			t.Errorf("%s says %q, want %q in it", text, fault.Message, says)
		}
	}
	f("model", "needs one of")
	f("model=x", "needs one of")
	f("==x", "name of a field")
	f("model==x'; drop table", "drop in the filter")
	f(`model=="x`, "closing quote")
	f(`model=="x" y`, "; or the end")
	f("m in (a", "closing parenthesis")
	f(strings.Repeat("a==b;", 30), "more than 20")
	f("m in "+strings.Repeat("a,", 300), "more than 200")
	f(strings.Repeat("x", 5000), "longer than 4096")
}

func FuzzParse(f *testing.F) {
	f.Add("provider==openai;model in a,b")
	f.Add(`a=~"x\";y";b<1`)
	f.Fuzz(func(t *testing.T, text string) {
		cs, err := Parse(text)
		if err != nil {
			if fault.Of(err).Kind != fault.Invalid {
				t.Fatalf("%q: %v is not the asker's fault", text, err)
			}
			return
		}
		again, err := Parse(cs.String())
		if len(cs.String()) > MaxLength {
			return
		}
		if err != nil || len(cs)+len(again) > 0 && !reflect.DeepEqual(cs, again) {
			t.Fatalf("%q: %+v is written %q and read back as %+v, %v", text, cs, cs.String(), again, err)
		}
	})
}
