export function Page() {
  return (
    <div className="page-head">
      <h1>alerts</h1>
    </div>
  )
}
