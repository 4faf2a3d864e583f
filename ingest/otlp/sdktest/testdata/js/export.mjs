// Sends spans with the real exporters, and prints one line of JSON for each: what it was told.
import { SpanKind } from "@opentelemetry/api";
import { OTLPTraceExporter as JSONExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtoExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-node";

const { HOUSE, HOUSE_KEY } = process.env;

function calls(n, at) {
  const memory = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(memory)] });
  const tracer = provider.getTracer("sdktest");
  for (let i = 0; i < n; i++) {
    const span = tracer.startSpan("chat gpt-4o", {
      kind: SpanKind.CLIENT,
      startTime: at,
      attributes: {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.response.model": "gpt-4o-2024-08-06",
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.usage.input_tokens": 1000,
        "gen_ai.usage.output_tokens": 100,
      },
    });
    span.end(new Date(at.getTime() + 1000));
  }
  return memory.getFinishedSpans();
}

async function send(name, Exporter, more = {}, at = new Date()) {
  const exporter = new Exporter({
    url: `http://${HOUSE}/v1/traces`,
    headers: { "X-Analytics-Key": HOUSE_KEY },
    ...more,
  });
  const result = await new Promise((done) => exporter.export(calls(25, at), done));
  await exporter.shutdown();
  console.log(JSON.stringify({ name, code: result.code, error: result.error?.message ?? "" }));
}

for (const [kind, Exporter] of [["json", JSONExporter], ["proto", ProtoExporter]]) {
  await send(kind, Exporter);
  await send(`${kind}-gzip`, Exporter, { compression: "gzip" });
  await send(`${kind}-langfuse`, Exporter, { url: `http://${HOUSE}/api/public/otel/v1/traces` });
  await send(`${kind}-wrong-key`, Exporter, { headers: { Authorization: "Bearer ak_ing_wrong" } });
  await send(`${kind}-old`, Exporter, {}, new Date(Date.now() - 30 * 24 * 3600 * 1000));
}
