import { metric, type RulePack, selector } from './pack.ts'

export const logVolume: RulePack = {
  name: 'log-volume',
  title: 'Unusual volumes of logs',
  summary:
    'Tells when a service writes far more errors than it did in the day before, and when its lines leave the band in which they were at this time of former weeks.',
  parameters: [
    metric('lines', 'Counter of lines by service and level', 'tidewatch_log_lines_total'),
    selector('Only these series, such as service="shop"'),
    { name: 'deviations', title: 'Standard deviations that are too many errors', kind: 'number', fallback: '6' },
    { name: 'width', title: 'How far beyond the usual spread is too far', kind: 'number', fallback: '3' },
    {
      name: 'least_errors',
      title: 'Errors a minute more than usual that are left alone',
      kind: 'number',
      fallback: '1',
    },
    { name: 'least_lines', title: 'Lines a minute off the usual that are left alone', kind: 'number', fallback: '5' },
    { name: 'severity', title: 'How bad an unusual volume is', kind: 'severity', fallback: 'warning' },
  ],
  text: `interval: 1m
rules:
  - name: ErrorLogsSpike
    baseline: { value: 'sum by (service) (rate(<<lines>>{level=~"error|fatal",<<selector>>}[10m]) * 60)', over: 1d, deviations: <<deviations>>, difference: <<least_errors>>, least: 6h }
    keep_firing_for: 10m
    severity: <<severity>>
    message: '{{ $labels.service }} writes {{ $data.current | humanize }} errors a minute; usual are {{ $data.baseline | humanize }}'
  - name: LogVolumeUnusual
    band: { value: 'sum by (service) (rate(<<lines>>{<<selector>>}[30m]) * 60)', season: week, width: <<width>>, tolerance: 0.5, difference: <<least_lines>> }
    for: 15m
    severity: <<severity>>
    message: '{{ $labels.service }} writes {{ $data.current | humanize }} lines a minute; usual at this time are {{ $data.usual | humanize }}'
`,
}
