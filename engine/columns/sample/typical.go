package sample

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"

	"analytics/engine/event"
)

// Source makes typical events, the same ones for the same seed. Its texts are made once: making
// events must not be what a benchmark measures.
type Source struct {
	rng    *rand.Rand
	users  [][]byte
	convs  [][]byte
	paths  [][]byte
	agents [][]byte
	hexID  []byte
}

// New makes a source.
func New(seed uint64) *Source {
	s := &Source{rng: rand.New(rand.NewPCG(seed, 1)), hexID: make([]byte, 36)}
	s.users = names("user_%04d", 2000)
	s.convs = names("conv_%06d", 20000)
	s.paths = names("/articles/how-to-%03d", 300)
	s.agents = names("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/12%d.0.0.0", 40)
	return s
}

func names(format string, n int) [][]byte {
	all := make([][]byte, n)
	for i := range all {
		all[i] = fmt.Appendf(nil, format, i)
	}
	return all
}

// Rows appends n typical rows of the kind, spread over [from, to) in order of time.
func (s *Source) Rows(dst []byte, kind event.Kind, n int, from, to event.Micros) []byte {
	var e event.Event
	step := float64(to-from) / float64(n)
	for i := range n {
		s.Event(&e, kind, from+event.Micros(step*(float64(i)+s.rng.Float64())))
		dst = e.AppendRow(dst)
	}
	return dst
}

// Event fills e with a typical event: AIRequest and PageView as in real traffic, any other kind
// with its shared fields and its texts.
func (s *Source) Event(e *event.Event, kind event.Kind, at event.Micros) {
	e.Reset(kind)
	e.SetInt(event.Timestamp, int64(at))
	e.SetID(event.EventID, s.uuid())
	e.SetText(event.Project, s.pick(projects))
	switch kind {
	case event.AIRequest:
		s.aiRequest(e)
	case event.PageView:
		s.pageView(e)
	default:
		e.SetText(event.UserID, s.skewed(s.users))
		weight, _ := kind.Weight()
		for f, field := range kind.Fields() {
			switch {
			case f < event.Common || field.Transient || f == weight:
			case field.Type == event.String:
				e.SetText(f, s.pick(words))
			case field.Type == event.Float:
				e.SetFloat(f, s.rng.Float64())
			case field.Type == event.Bool:
				e.SetBool(f, s.rng.IntN(10) > 0)
			case field.Type.Numeric():
				e.SetInt(f, s.rng.Int64N(10000))
			}
		}
	}
}

var (
	projects  = split("search support editor")
	words     = split("alpha beta gamma delta")
	models    = split("gpt-4o gpt-4o-mini claude-sonnet-4-5 gemini-2.5-pro o3")
	providers = split("openai openai anthropic google openai")
	endpoints = split("/v1/chat/completions /v1/responses")
	agents    = split("planner coder reviewer")
	errorsOf  = split("rate_limit timeout server_error")
	countries = split("DE US FR GB IN")
	browsers  = split("Chrome Safari Firefox")
	devices   = split("desktop mobile")
	sources   = split("direct google news")
)

func (s *Source) aiRequest(e *event.Event) {
	m := s.rng.IntN(len(models))
	e.SetText(event.UserID, s.skewed(s.users))
	e.SetID(event.TraceID, s.hex32())
	e.SetText(event.Agent, s.pick(agents))
	e.SetText(event.ConversationID, s.pick(s.convs))
	e.SetText(event.AIModel, models[m])
	e.SetText(event.AIProvider, providers[m])
	e.SetText(event.AIEndpoint, s.pick(endpoints))
	e.SetText(event.AIMethod, []byte("POST"))
	e.SetText(event.AIOperation, []byte("chat"))
	e.SetBool(event.AIStream, s.rng.IntN(2) == 0)
	in, out := 200+s.rng.Int64N(3000), 20+s.rng.Int64N(900)
	e.SetInt(event.AIInputUncachedTokens, in)
	if s.rng.IntN(3) == 0 {
		e.SetInt(event.AICacheReadTokens, in/2)
	}
	e.SetInt(event.AIOutputTextTokens, out)
	e.SetInt(event.AICost, in*2500+out*10000)
	e.SetText(event.AICostSource, []byte("computed"))
	e.SetText(event.AIPriceVersion, []byte("2026-11"))
	e.SetText(event.AIPriceKey, models[m])
	// Durations come in milliseconds, as clients send them.
	e.SetInt(event.AIDurationMS, 1000*int64(300+math.Exp(s.rng.NormFloat64())*900))
	e.SetInt(event.AITTFBMS, 1000*int64(80+math.Exp(s.rng.NormFloat64())*200))
	e.SetInt(event.AIRequestBytes, 500+s.rng.Int64N(20000))
	e.SetInt(event.AIResponseBytes, 200+s.rng.Int64N(6000))
	if s.rng.IntN(25) == 0 {
		e.SetInt(event.AIStatusCode, 500)
		e.SetBool(event.AISuccess, false)
		e.SetText(event.AIErrorType, s.pick(errorsOf))
		e.SetText(event.AIErrorMessage, []byte("upstream gave up after 30 s"))
	} else {
		e.SetInt(event.AIStatusCode, 200)
		e.SetBool(event.AISuccess, true)
	}
}

func (s *Source) pageView(e *event.Event) {
	e.SetText(event.PageSite, []byte("example.com"))
	e.SetText(event.PagePath, s.skewed(s.paths))
	e.SetText(event.PageTitle, []byte("How to keep a garden"))
	e.SetText(event.PageSource, s.pick(sources))
	e.SetText(event.PageChannel, s.pick(sources))
	e.SetInt(event.PageStatusCode, 200)
	e.SetText(event.PageUserAgent, s.skewed(s.agents))
	e.SetText(event.PageLanguage, s.pick(countries))
	e.SetText(event.PageCountry, s.pick(countries))
	e.SetText(event.PageDevice, s.pick(devices))
	e.SetText(event.PageBrowser, s.pick(browsers))
	e.SetText(event.PageOS, s.pick(words))
	visitor := uint64(s.rng.IntN(5000)) * 0x9e3779b97f4a7c15
	e.SetID(event.PageVisitorID, strconv.AppendUint(nil, visitor|1<<63, 16))
}

func (s *Source) pick(from [][]byte) []byte { return from[s.rng.IntN(len(from))] }

// skewed picks the first ones most often, as users and pages are met.
func (s *Source) skewed(from [][]byte) []byte {
	x := s.rng.Float64()
	return from[int(x*x*x*float64(len(from)))]
}

const digits = "0123456789abcdef"

func (s *Source) hex32() []byte {
	for i := 0; i < 32; i += 16 {
		x := s.rng.Uint64()
		for j := range 16 {
			s.hexID[i+j] = digits[x>>(4*j)&15]
		}
	}
	return s.hexID[:32]
}

func (s *Source) uuid() []byte {
	h := s.hex32()
	copy(s.hexID[24:], h[20:32])
	copy(s.hexID[19:], h[16:20])
	copy(s.hexID[14:], h[12:16])
	copy(s.hexID[9:], h[8:12])
	h = s.hexID[:36]
	h[8], h[13], h[18], h[23] = '-', '-', '-', '-'
	h[14] = '4'
	return h
}

func split(text string) [][]byte { return bytes.Fields([]byte(text)) }
