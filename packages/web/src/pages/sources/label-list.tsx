interface LabelListProps {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
}

/** Labels one below the other, by name; what relabelling alone sees is paler. */
export function LabelList({ name, labels }: LabelListProps) {
  const entries = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))
  if (entries.length === 0) return <p className="third small">none</p>
  return (
    <dl className="facts left small mono label-list" aria-label={name}>
      {entries.map(([label, value]) => (
        <div key={label} className={label.startsWith('__') ? 'second' : undefined}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
