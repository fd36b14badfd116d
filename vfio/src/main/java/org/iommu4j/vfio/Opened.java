package org.iommu4j.vfio;

import org.jspecify.annotations.Nullable;

/**
 * What opening a file answers: a file, or why there is none.
 *
 * @param error 0 or a negative error number
 * @param file the open file, or null after an error
 * @param <F> what kind of file
 */
public record Opened<F>(int error, @Nullable F file) {
  static <F> Opened<F> of(F file) {
    return new Opened<>(0, file);
  }

  static <F> Opened<F> failed(int error) {
    return new Opened<>(error, null);
  }

  /** Returns the file; throws {@link IllegalStateException} if it was not opened. */
  public F orThrow() {
    if (file == null) {
      throw new IllegalStateException("not opened: error " + error);
    }
    return file;
  }
}
