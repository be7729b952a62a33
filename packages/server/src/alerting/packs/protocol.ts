import { metric, type RulePack, selector } from './pack.ts'

export const protocol: RulePack = {
  name: 'protocol',
  title: 'Business of a lending protocol',
  summary: 'Tells when value leaves, deposits stop or positions become fewer.',
  parameters: [
    metric('locked', 'Gauge of the value locked', 'usdx_total_value_locked'),
    metric('deposits', 'Counter of deposits', 'usdx_deposits_total'),
    metric('positions', 'Gauge of active positions', 'usdx_active_wexels_count'),
    selector('Only these series'),
  ],
  text: `groups:
  - name: protocol
    rules:
      - alert: TVLDropped
        expr: |-
          <<locked>>{<<selector>>} < 0.9 * <<locked>>{<<selector>>} offset 1h
        labels: { severity: warning }
        annotations:
          summary: 'The value locked is {{ $value | humanize }}, more than 10 % less than an hour ago'
      - alert: NoDepositsDetected
        expr: |-
          sum(increase(<<deposits>>{<<selector>>}[4h])) == 0
        labels: { severity: warning }
        annotations:
          summary: 'There was no deposit for 4 hours'
      - alert: LowActiveWexels
        expr: |-
          <<positions>>{<<selector>>} < 0.8 * <<positions>>{<<selector>>} offset 24h
        labels: { severity: info }
        annotations:
          summary: '{{ $value }} active positions, more than 20 % fewer than a day ago'
`,
}
