/** What one series may bring. Prometheus has no limits of its own; these are far above honest use. */
export const labelLimits = {
  /** Labels of one series. */
  count: 64,
  nameBytes: 1024,
  valueBytes: 16_384,
  /** All labels of one series as remote_write encodes them. */
  totalBytes: 65_536,
} as const
