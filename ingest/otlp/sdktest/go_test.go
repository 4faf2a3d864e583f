package sdktest

import (
	"context"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/metric"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"analytics/engine/event"
)

// record makes n spans of calls and hands them to the exporter, whose error it returns.
func record(t *testing.T, to sdktrace.SpanExporter, n int, at time.Time) error {
	t.Helper()
	list := &collected{}
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(list))
	tracer := provider.Tracer("sdktest")
	for range n {
		_, span := tracer.Start(context.Background(), "chat gpt-4o",
			trace.WithSpanKind(trace.SpanKindClient), trace.WithTimestamp(at))
		span.SetAttributes(
			attribute.String("gen_ai.operation.name", "chat"),
			attribute.String("gen_ai.provider.name", "openai"),
			attribute.String("gen_ai.request.model", "gpt-4o"),
			attribute.String("gen_ai.response.model", "gpt-4o-2024-08-06"),
			attribute.StringSlice("gen_ai.response.finish_reasons", []string{"stop"}),
			attribute.Int("gen_ai.usage.input_tokens", 1000),
			attribute.Int("gen_ai.usage.output_tokens", 100))
		span.End(trace.WithTimestamp(at.Add(time.Second)))
	}
	err := to.ExportSpans(t.Context(), list.spans)
	_ = to.Shutdown(context.Background())
	_ = provider.Shutdown(context.Background())
	return err
}

// collected is an exporter that keeps spans, so that they go out as one batch.
type collected struct{ spans []sdktrace.ReadOnlySpan }

// ExportSpans keeps the spans.
func (c *collected) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	c.spans = append(c.spans, spans...)
	return nil
}

// Shutdown has nothing to do.
func (c *collected) Shutdown(context.Context) error { return nil }

func (s *server) overHTTP(key string, more ...otlptracehttp.Option) sdktrace.SpanExporter {
	s.t.Helper()
	e, err := otlptracehttp.New(s.t.Context(), append([]otlptracehttp.Option{
		otlptracehttp.WithEndpoint(s.http), otlptracehttp.WithInsecure(),
		otlptracehttp.WithHeaders(map[string]string{"Authorization": "Bearer " + key}),
	}, more...)...)
	if err != nil {
		s.t.Fatal(err)
	}
	return e
}

func (s *server) overGRPC(headers map[string]string, more ...otlptracegrpc.Option) sdktrace.SpanExporter {
	s.t.Helper()
	e, err := otlptracegrpc.New(s.t.Context(), append([]otlptracegrpc.Option{
		otlptracegrpc.WithEndpoint(s.grpc), otlptracegrpc.WithInsecure(),
		otlptracegrpc.WithHeaders(headers)}, more...)...)
	if err != nil {
		s.t.Fatal(err)
	}
	return e
}

func TestTracesOverHTTP(t *testing.T) {
	for name, options := range map[string][]otlptracehttp.Option{
		"plain": nil,
		"gzip":  {otlptracehttp.WithCompression(otlptracehttp.GzipCompression)},
		"path":  {otlptracehttp.WithURLPath("/api/public/otel/v1/traces")},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			if err := record(t, s.overHTTP(s.key, options...), 600, time.Now()); err != nil {
				t.Fatal(err)
			}
			s.has(event.AIRequest, 600, chat)
		})
	}
}

func TestTracesOverGRPC(t *testing.T) {
	for name, options := range map[string][]otlptracegrpc.Option{
		"plain": nil, "gzip": {otlptracegrpc.WithCompressor("gzip")},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			header := map[string]string{"authorization": "Bearer " + s.key}
			if err := record(t, s.overGRPC(header, options...), 600, time.Now()); err != nil {
				t.Fatal(err)
			}
			header = map[string]string{"x-analytics-key": s.key}
			if err := record(t, s.overGRPC(header, options...), 1, time.Now()); err != nil {
				t.Fatal(err)
			}
			s.has(event.AIRequest, 601, chat)
		})
	}
}

func TestExportersUnderstandRefusals(t *testing.T) {
	s := start(t)
	f := func(e sdktrace.SpanExporter, at time.Time, parts ...string) {
		t.Helper()
		err := record(t, e, 2, at)
		for _, part := range parts {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("got %v, want …%s…", err, part)
			}
		}
	}
	old := time.Now().Add(-30 * 24 * time.Hour)
	f(s.overHTTP(s.key), old, "partial success", "2 spans rejected")
	f(s.overHTTP("ak_ing_wrong"), time.Now(), "401")
	f(s.overHTTP(s.key, otlptracehttp.WithURLPath("/v1/logs")), time.Now(), "400", "send it to /v1/traces")
	f(s.overGRPC(map[string]string{"authorization": "Bearer " + s.key}), old,
		"partial success", "2 spans rejected")
	f(s.overGRPC(map[string]string{"authorization": "Bearer ak_ing_wrong"}), time.Now(),
		"Unauthenticated")
	f(s.overGRPC(nil), time.Now(), "Unauthenticated")
	s.has(event.AIRequest, 0, nil)
}

func TestExportersComeAgainAfterOverload(t *testing.T) {
	s := start(t)
	s.busy.Store(2)
	again := otlptracehttp.WithRetry(otlptracehttp.RetryConfig{Enabled: true,
		InitialInterval: time.Millisecond, MaxInterval: 10 * time.Millisecond, MaxElapsedTime: time.Minute})
	if err := record(t, s.overHTTP(s.key, again), 10, time.Now()); err != nil {
		t.Fatal(err)
	}
	s.has(event.AIRequest, 10, chat)
	if n := s.seen.Load(); n != 3 {
		t.Errorf("%d requests, want 3", n)
	}
}

func TestLogsOverHTTP(t *testing.T) {
	s := start(t)
	e, err := otlploghttp.New(t.Context(), otlploghttp.WithEndpoint(s.http), otlploghttp.WithInsecure(),
		otlploghttp.WithCompression(otlploghttp.GzipCompression),
		otlploghttp.WithHeaders(map[string]string{"Authorization": "Bearer " + s.key}))
	if err != nil {
		t.Fatal(err)
	}
	provider := sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewSimpleProcessor(e)))
	var r log.Record
	r.SetTimestamp(time.Now())
	r.SetBody(attribute.StringValue("claude_code.api_request"))
	r.AddAttributes(
		attribute.String("event.name", "api_request"), attribute.String("session.id", "s-1"),
		attribute.String("request_id", "req_1"), attribute.String("model", "claude-sonnet-4-5"),
		attribute.String("input_tokens", "500"), attribute.String("output_tokens", "80"),
		attribute.String("duration_ms", "1500"))
	provider.Logger("com.anthropic.claude_code.events").Emit(t.Context(), r)
	if err := provider.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.has(event.AIRequest, 1, map[string]string{"model": "claude-sonnet-4-5", "output_text_tokens": "80"})
}

func TestMetricsOverHTTP(t *testing.T) {
	s := start(t)
	e, err := otlpmetrichttp.New(t.Context(), otlpmetrichttp.WithEndpoint(s.http),
		otlpmetrichttp.WithInsecure(), otlpmetrichttp.WithCompression(otlpmetrichttp.GzipCompression),
		otlpmetrichttp.WithHeaders(map[string]string{"Authorization": "Bearer " + s.key}))
	if err != nil {
		t.Fatal(err)
	}
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewPeriodicReader(e)))
	counter, err := provider.Meter("shop").Int64Counter("orders", metric.WithUnit("{order}"))
	if err != nil {
		t.Fatal(err)
	}
	counter.Add(t.Context(), 7)
	if err := provider.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.has(event.Metric, 1, map[string]string{"name": "orders"})
}
