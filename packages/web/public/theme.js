// Sets a chosen theme before the first paint; without a choice the system's counts (see src/app/theme.ts).
try {
  const theme = localStorage.getItem('tidewatch.theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // storage may be forbidden; then the system's theme counts
}
