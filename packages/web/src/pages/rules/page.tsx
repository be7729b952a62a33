export function Page() {
  return (
    <div className="page-head">
      <h1>rules</h1>
    </div>
  )
}
