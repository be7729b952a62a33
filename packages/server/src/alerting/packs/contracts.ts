import { metric, type RulePack, selector } from './pack.ts'

export const contracts: RulePack = {
  name: 'contracts',
  title: 'Transactions of smart contracts',
  summary: 'Wakes people when many transactions fail, and tells when gas costs far more than usual.',
  parameters: [
    metric('transactions', 'Counter of transactions', 'indexer_contract_tx_total'),
    { name: 'failed', title: 'What marks a failed transaction', kind: 'selector', fallback: 'status="failure"' },
    metric('gas', 'Gauge of the price of gas', 'indexer_avg_gas_price'),
    { name: 'gas_window', title: 'The average is taken over', kind: 'duration', fallback: '1d' },
    selector('Only these series'),
  ],
  text: `groups:
  - name: contracts
    rules:
      - alert: HighContractFailureRate
        expr: |-
          sum by (contract) (rate(<<transactions>>{<<failed>>,<<selector>>}[10m])) / sum by (contract) (rate(<<transactions>>{<<selector>>}[10m])) > 0.1
        for: 10m
        labels: { severity: critical }
        annotations:
          summary: '{{ $value | humanizePercentage }} of the transactions of {{ $labels.contract }} fail'
      - alert: AnomalousGasSpike
        expr: |-
          <<gas>>{<<selector>>} > 3 * avg_over_time(<<gas>>{<<selector>>}[<<gas_window>>])
        labels: { severity: warning }
        annotations:
          summary: 'Gas costs {{ $value | humanize }}, more than three times its average'
`,
}
