const listeners = new WeakMap<Blob, (fraction: number) => void>();

// The SDK uploads with an XMLHttpRequest, accepts no other transport for files, and reports no progress.
const send = XMLHttpRequest.prototype.send;
XMLHttpRequest.prototype.send = function (body) {
  if (body instanceof Blob) {
    const report = (fraction: number) => listeners.get(body)?.(fraction);
    this.upload.addEventListener("progress", ({ loaded, total }) => report(total > 0 ? loaded / total : 0));
    this.upload.addEventListener("load", () => report(1));
  }
  send.call(this, body);
};

/** Reports which part of a file is uploaded, from 0 to 1, while the SDK sends it. */
export function onUploadProgress(file: Blob, listener: (fraction: number) => void): void {
  listeners.set(file, listener);
}
