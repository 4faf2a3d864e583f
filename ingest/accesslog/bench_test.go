package accesslog

import (
	"fmt"
	"io"
	"strings"
	"testing"
)

// traffic is a log of n lines as a site writes them: of ten requests six are for parts of pages.
func traffic(n int) string {
	var b strings.Builder
	for i := range n {
		path := fmt.Sprintf("/articles/%d?page=%d", i%5000, i%7)
		if i%10 < 6 {
			path = fmt.Sprintf("/static/app.%d.js", i%300)
		}
		fmt.Fprintf(&b, `203.0.%d.%d - - [21/Nov/2025:%02d:%02d:%02d +0100] "GET %s HTTP/2.0" 200 %d "https://www.google.com/" `+
			`"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.0.0 Safari/537.36"`+"\n",
			i/10%250, i/2500%250, i/360000%24, i/6000%60, i/100%60, path, i%9000, 100+i%40)
	}
	return b.String()
}

// BenchmarkLines reads lines without sending events: bytes a second, and lines.
func BenchmarkLines(b *testing.B) {
	const lines = 200_000
	caddy := `{"level":"info","ts":1763715600.1234567,"logger":"http.log.access.log0","msg":"handled request",` +
		`"request":{"remote_ip":"203.0.113.9","remote_port":"41342","client_ip":"203.0.113.9","proto":"HTTP/2.0",` +
		`"method":"GET","host":"a.example","uri":"/docs?x=1","headers":{"User-Agent":["Mozilla/5.0 (X11; Linux ` +
		`x86_64)"],"Accept":["text/html"],"Accept-Encoding":["gzip"],"Accept-Language":["de-DE,de;q=0.9"]}},` +
		`"duration":0.0009,"size":10900,"status":200,"resp_headers":{"Content-Type":["text/html"]}}` + "\n"
	for from, text := range map[string]string{"nginx": traffic(lines), "caddy": strings.Repeat(caddy, lines)} {
		b.Run(from, func(b *testing.B) {
			f, err := NewFormat(from, "")
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				s := NewStream([]string{"log"}, func(string) (io.ReadCloser, error) {
					return io.NopCloser(strings.NewReader(text)), nil
				}, Options{Format: f, Site: "a.example", Now: now})
				if _, err := io.Copy(io.Discard, s); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(lines*b.N)/b.Elapsed().Seconds(), "lines/s")
		})
	}
}
