export function Page() {
  return (
    <div className="page-head">
      <h1>now</h1>
    </div>
  )
}
