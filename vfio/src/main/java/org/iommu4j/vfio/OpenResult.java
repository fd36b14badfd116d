package org.iommu4j.vfio;

import org.jspecify.annotations.Nullable;

/**
 * What opening a file answers: a file, or why there is none.
 *
 * @param error 0 or a negative error number
 * @param file the open file, or null after an error
 * @param <F> what kind of file
 */
public record OpenResult<F>(int error, @Nullable F file) {
  static <F> OpenResult<F> of(F file) {
    return new OpenResult<>(0, file);
  }

  static <F> OpenResult<F> failed(int error) {
    return new OpenResult<>(error, null);
  }

  /** Returns the file; throws {@link IllegalStateException} if it was not opened. */
  public F orThrow() {
    if (file == null) {
      throw new IllegalStateException("not opened: error " + error);
    }
    return file;
  }
}
