/** Has the browser save what was loaded under a name. */
export function saveFile(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken the content by the time that the click returns.
  URL.revokeObjectURL(url);
}
