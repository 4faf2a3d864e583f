package enrich

import (
	"net/url"
	"testing"
)

// TestVisitsSurviveAnExport takes what is kept of a visit from every known place, puts it into a
// URL as an export does, and reads that again.
func TestVisitsSurviveAnExport(t *testing.T) {
	l := openLists(t)
	again := func(page string, v Visit) Visit {
		q := url.Values{}
		for name, text := range map[string]string{
			"utm_source": v.Source, "utm_medium": v.Medium, "utm_campaign": v.Campaign,
		} {
			if text != "" {
				q.Set(name, text)
			}
		}
		u, _ := SplitURL([]byte(page + "?" + q.Encode()))
		return l.Visit(u, []byte("https://"+string(v.ReferrerHost)+"/"))
	}
	for host := range l.places {
		for _, query := range []string{"", "?utm_medium=cpc&utm_campaign=x", "?gclid=1"} {
			u, _ := SplitURL([]byte("https://a.example/" + query))
			first := l.Visit(u, []byte("https://"+host+"/"))
			second := again("https://a.example/", first)
			if first.Source != second.Source || first.Channel != second.Channel ||
				first.Medium != second.Medium || first.Campaign != second.Campaign {
				t.Errorf("%s%s\n got %+v\nwant %+v", host, query, second, first)
			}
		}
	}
}
