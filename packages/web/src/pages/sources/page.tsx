export function Page() {
  return (
    <div className="page-head">
      <h1>sources</h1>
    </div>
  )
}
