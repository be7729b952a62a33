/** Labels in a row; nothing at all where there are none, so that no gap stays. */
export function LabelChips({ labels }: { readonly labels: readonly (readonly [string, string])[] }) {
  if (labels.length === 0) return null
  return (
    <div className="row wrap alert-labels">
      {labels.map(([name, value]) => (
        <span key={name} className="chip">
          {name}=<b>{value}</b>
        </span>
      ))}
    </div>
  )
}
