package compat

import (
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"analytics/engine/store"
	"analytics/ingest/wire"
)

// slot names an observation or a trace: its id belongs to the tenant.
type slot struct {
	tenant store.Tenant
	id     string
}

// observation is what Langfuse's clients said so far about a generation, a tool or an agent, without
// any content. It is kept as JSON on the shelf while it waits for the rest.
type observation struct {
	Tenant        store.Tenant `json:"tenant"`
	Backfill      bool         `json:"backfill,omitempty"`
	Kind          string       `json:"kind,omitempty"` // generation, embedding, tool, agent
	ID            string       `json:"id"`
	Trace         string       `json:"trace,omitempty"`
	Parent        string       `json:"parent,omitempty"`
	Name          string       `json:"name,omitempty"`
	Model         string       `json:"model,omitempty"`
	PromptName    string       `json:"prompt_name,omitempty"`
	PromptVersion string       `json:"prompt_version,omitempty"`
	Environment   string       `json:"environment,omitempty"`
	Version       string       `json:"version,omitempty"`
	Failed        bool         `json:"failed,omitempty"`
	Message       string       `json:"message,omitempty"`
	Start         time.Time    `json:"start,omitzero"`
	First         time.Time    `json:"first,omitzero"`
	End           time.Time    `json:"end,omitzero"`
	Said          time.Time    `json:"said,omitzero"` // when the client spoke of it first
	Usage         wire.Usage   `json:"usage,omitzero"`
	Cost          *float64     `json:"cost,omitempty"` // in USD, as the client computed it
	Touched       time.Time    `json:"touched"`        // by us

	kept bool // on the shelf
	out  bool // given out to be stored
}

func (o *observation) slot() slot { return slot{o.Tenant, o.ID} }

// trace is what is known of the trace that observations belong to.
type trace struct {
	Tenant  store.Tenant `json:"tenant"`
	ID      string       `json:"id"`
	User    string       `json:"user,omitempty"`
	Session string       `json:"session,omitempty"`
	Name    string       `json:"name,omitempty"`
	Release string       `json:"release,omitempty"`
	Tags    string       `json:"tags,omitempty"`
	Touched time.Time    `json:"touched"`
}

func (t *trace) slot() slot { return slot{t.Tenant, t.ID} }

// saying is one item of a batch, read: about an observation, about a trace, about something that is
// not kept here, or wrong.
type saying struct {
	id          string // of the item
	observation *observation
	trace       *trace
	problem     string
}

// kinds are the observations that become events; "" is one whose kind was said before.
var kinds = map[string]string{
	"generation-create": "generation", "generation-update": "generation",
	"embedding-create": "embedding", "tool-create": "tool", "agent-create": "agent",
	"span-update": "", "observation-create": "", "observation-update": "",
}

// ignored are the items that are taken and not kept.
var ignored = map[string]bool{
	"span-create": true, "event-create": true, "chain-create": true, "retriever-create": true,
	"evaluator-create": true, "guardrail-create": true, "score-create": true, "sdk-log": true,
	"dataset-run-item-create": true,
}

// readLangfuse reads one item of a batch.
func readLangfuse(v gjson.Result, tenant store.Tenant, backfill bool) *saying {
	s := &saying{id: text(v, "id")}
	kind, body := text(v, "type"), v.Get("body")
	switch {
	case !v.IsObject():
		s.problem = "an event must be a JSON object"
	case s.id == "":
		s.problem = "the event needs an id"
	case !body.IsObject():
		s.problem = "the event needs a body"
	case kind == "trace-create":
		s.trace = readTrace(body, tenant)
		if s.trace.ID == "" {
			s.trace, s.problem = nil, "the trace needs an id"
		}
	case ignored[kind]:
	default:
		name, known := kinds[kind]
		if !known {
			s.problem = "there is no such type of event"
			break
		}
		if name == "" {
			name = legacyKind(text(body, "type"))
		}
		s.observation = readObservation(body, name)
		s.observation.Tenant, s.observation.Backfill = tenant, backfill
		s.observation.Said = moment(v, "timestamp")
		if s.observation.ID == "" {
			s.observation, s.problem = nil, "the observation needs an id"
		}
	}
	return s
}

// legacyKind is the kind by the name that the oldest clients put into the body.
func legacyKind(name string) string {
	switch name = strings.ToLower(name); name {
	case "generation", "embedding", "tool", "agent":
		return name
	}
	return ""
}

func readTrace(v gjson.Result, tenant store.Tenant) *trace {
	return &trace{
		Tenant: tenant, ID: idOf(text(v, "id")), User: text(v, "userId"), Session: text(v, "sessionId"),
		Name: text(v, "name"), Release: text(v, "release"), Tags: joined(v.Get("tags")),
	}
}

func readObservation(v gjson.Result, kind string) *observation {
	o := &observation{
		Kind: kind, ID: idOf(text(v, "id")), Trace: idOf(text(v, "traceId")),
		Parent: idOf(text(v, "parentObservationId")), Name: text(v, "name"), Model: text(v, "model"),
		PromptName: text(v, "promptName"), PromptVersion: text(v, "promptVersion"),
		Environment: text(v, "environment"), Version: text(v, "version"),
		Start: moment(v, "startTime"), First: moment(v, "completionStartTime"), End: moment(v, "endTime"),
		Usage: langfuseUsage(v),
	}
	if text(v, "level") == "ERROR" {
		o.Failed, o.Message = true, firstLine(text(v, "statusMessage"))
	}
	if cost, ok := langfuseCost(v); ok {
		o.Cost = &cost
	}
	return o
}

// assign lets what a later saying says go before what was said earlier.
func assign(old *string, later string) {
	if later != "" {
		*old = later
	}
}

func assignTime(old *time.Time, later time.Time) {
	if !later.IsZero() {
		*old = later
	}
}

func (o *observation) merge(later *observation) {
	assign(&o.Kind, later.Kind)
	if o.Trace == "" { // an observation does not move
		o.Trace = later.Trace
	}
	assign(&o.Parent, later.Parent)
	assign(&o.Name, later.Name)
	assign(&o.Model, later.Model)
	assign(&o.PromptName, later.PromptName)
	assign(&o.PromptVersion, later.PromptVersion)
	assign(&o.Environment, later.Environment)
	assign(&o.Version, later.Version)
	assign(&o.Message, later.Message)
	assignTime(&o.Start, later.Start)
	assignTime(&o.First, later.First)
	assignTime(&o.End, later.End)
	if o.Said.IsZero() {
		o.Said = later.Said
	}
	o.Failed = o.Failed || later.Failed
	o.Backfill = o.Backfill || later.Backfill
	o.Usage = consistent(o.Usage.Then(later.Usage))
	if later.Cost != nil {
		o.Cost = later.Cost
	}
}

func (t *trace) merge(later *trace) {
	assign(&t.User, later.User)
	assign(&t.Session, later.Session)
	assign(&t.Name, later.Name)
	assign(&t.Release, later.Release)
	assign(&t.Tags, later.Tags)
}

// ended reports whether the client said how it went.
func (o *observation) ended() bool {
	return !o.End.IsZero() || o.Usage.Known() || o.Cost != nil
}

// enough reports whether nothing more is to be expected.
func (o *observation) enough() bool {
	return !o.Start.IsZero() && !o.End.IsZero() && (o.Kind == "tool" || o.Kind == "agent" || o.Usage.Known() || o.Failed)
}
