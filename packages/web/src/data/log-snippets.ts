// Ways to bring logs, as texts that work as pasted: this server's address and a real key in place. No React here.
import type { Snippet } from '../ui/code-block.tsx'

/** Stands where a key belongs until one was made. */
const keyPlaceholder = 'YOUR_INGEST_KEY'

/** By hand, from applications, from shippers, from files. */
export function logSnippets(origin: string, key: string = keyPlaceholder): Snippet[] {
  const { hostname } = new URL(origin)
  return [...byHand(origin, hostname, key), ...fromApplications(origin, key), ...fromShippers(origin, key)]
}

function byHand(origin: string, hostname: string, key: string): Snippet[] {
  return [
    {
      title: 'curl',
      text: `curl -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/x-ndjson' \\
  -d '{"level": "info", "message": "hello", "service": "shop", "order_id": 12}' \\
  ${origin}/api/tidewatch/v1/logs
`,
    },
    {
      title: 'nc',
      text: `# tidewatch.yml: the usual ports are opened where they are named, for whom you say
#   listeners:
#     logstash:
#       tcp: 0.0.0.0:5000
#       networks: [127.0.0.0/8, 10.0.0.0/8]
echo '{"message": "test", "service": "shop"}' | nc -q1 ${hostname} 5000
`,
    },
  ]
}

function fromApplications(origin: string, key: string): Snippet[] {
  return [
    {
      title: 'winston',
      text: `import winston from 'winston'
import LokiTransport from 'winston-loki'

export const logger = winston.createLogger({
  transports: [
    new LokiTransport({
      host: '${origin}',
      labels: { service: 'shop' },
      headers: { authorization: 'Bearer ${key}' },
      json: true,
    }),
  ],
})
`,
    },
    {
      title: 'pino',
      text: `import pino from 'pino'

export const logger = pino({
  transport: {
    target: 'pino-loki',
    options: {
      host: '${origin}',
      labels: { service: 'shop' },
      headers: { authorization: 'Bearer ${key}' },
    },
  },
})
`,
    },
    {
      title: 'OpenTelemetry',
      text: `# in the environment of the application
OTEL_LOGS_EXPORTER=otlp
OTEL_EXPORTER_OTLP_ENDPOINT=${origin}
OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer ${key}"
`,
    },
  ]
}

function fromShippers(origin: string, key: string): Snippet[] {
  return [
    {
      title: 'Filebeat',
      text: `# filebeat.yml
filebeat.inputs:
  - type: filestream
    id: shop
    paths: [/var/log/shop/*.log]
output.elasticsearch:
  hosts: ['${origin}']
  headers:
    Authorization: Bearer ${key}
`,
    },
    {
      title: 'Loki push',
      text: `# what promtail and Alloy send to; by hand:
curl -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' \\
  -d '{"streams": [{"stream": {"service": "shop"}, "values": [["'$(date +%s%N)'", "hello"]]}]}' \\
  ${origin}/loki/api/v1/push
`,
    },
    {
      title: 'Beats, syslog, GELF',
      text: `# tidewatch.yml: the usual ports, and who may send to them
listeners:
  beats:
    tcp: 0.0.0.0:5044
    networks: [10.0.0.0/8]
  syslog:
    tcp: 0.0.0.0:5514
    udp: 0.0.0.0:5514
    networks: [10.0.0.0/8]
  gelf:
    udp: 0.0.0.0:12201
    networks: [10.0.0.0/8]
`,
    },
    {
      title: 'Files here',
      text: `# tidewatch.yml: files on this machine, from where they were left, through rotations
files:
  - paths: [/var/log/shop/*.log]
    service: shop
`,
    },
  ]
}
