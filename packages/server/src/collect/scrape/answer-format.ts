// Which parser reads an answer (Prometheus: textparse.New, with fallback_scrape_protocol).
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import type { ScrapeProtocol } from '../config.ts'
import type { ExpositionFormat } from '../exposition/parse.ts'

export type TargetFormat = ExpositionFormat | 'protobuf'

/** The target's own word counts; the fallback where that is missing or known to nobody. */
export function targetFormat(contentType: string | undefined, fallback: ScrapeProtocol | undefined): TargetFormat {
  const [type = '', ...parameters] = (contentType ?? '').split(';').map((part) => part.trim().toLowerCase())
  if (type === 'application/openmetrics-text') return 'openmetrics'
  if (type === 'text/plain') return 'text'
  if (type === 'application/vnd.google.protobuf') {
    const isDelimited = parameters.every(
      (parameter) => !/^encoding=/.test(parameter) || /^encoding="?delimited"?$/.test(parameter),
    )
    if (isDelimited) return 'protobuf'
  }
  if (fallback !== undefined) return formats[fallback]
  throw new AppError(
    'collect.bad_answer',
    type === ''
      ? 'the answer has no Content-Type, so it could be anything'
      : `the answer is ${quoteValue(contentType)}, not metrics`,
    {
      fix: 'Check metrics_path, or set fallback_scrape_protocol.',
    },
  )
}

const formats: Readonly<Record<ScrapeProtocol, TargetFormat>> = {
  PrometheusProto: 'protobuf',
  'OpenMetricsText1.0.0': 'openmetrics',
  'OpenMetricsText0.0.1': 'openmetrics',
  'PrometheusText1.0.0': 'text',
  'PrometheusText0.0.4': 'text',
}
