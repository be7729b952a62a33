/** What a relabelling rule may do, in Prometheus's words and its documentation's order. */
export const relabelActions = [
  'replace',
  'keep',
  'drop',
  'keepequal',
  'dropequal',
  'hashmod',
  'labelmap',
  'labeldrop',
  'labelkeep',
  'lowercase',
  'uppercase',
] as const

export type RelabelAction = (typeof relabelActions)[number]
