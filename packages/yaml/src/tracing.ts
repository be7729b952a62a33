import { type Field, field, StructForm } from './form.ts'
import { tls } from './http-client.ts'
import { duration, float, oneOf, text, truth } from './scalars.ts'

/** `tracing`: where Prometheus and Alertmanager send their own traces, each with its own form of headers. */
export const tracingForm = <Headers>(headers: Field<Headers>) =>
  new StructForm(
    {
      client_type: field(oneOf('type of tracing client', ['http', 'grpc']), { initial: () => 'grpc' }),
      endpoint: field(text),
      sampling_fraction: field(float),
      insecure: field(truth),
      tls_config: field(tls),
      headers,
      compression: field(text),
      timeout: field(duration),
    },
    {
      check(config, complain) {
        if (config.endpoint === '') complain('endpoint', 'missing; traces are sent there.')
        if (config.compression !== '' && config.compression !== 'gzip')
          complain('compression', `${JSON.stringify(config.compression)} is no compression. Allowed: gzip.`)
      },
    },
  )
