export function Page() {
  return (
    <div className="page-head">
      <h1>settings</h1>
    </div>
  )
}
