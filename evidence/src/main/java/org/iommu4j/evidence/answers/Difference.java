package org.iommu4j.evidence.answers;

import com.google.errorprone.annotations.Immutable;

/**
 * One value that was predicted otherwise than the kernel answered it.
 *
 * @param subject what the value belongs to: a function's address, or {@code group 3}
 * @param what which value it is, such as {@code ops}
 * @param predicted the value of the prediction; {@code none} where there is none
 * @param recorded the kernel's value; {@code none} where there is none
 */
@Immutable
public record Difference(String subject, String what, String predicted, String recorded) {
  @Override
  public String toString() {
    return subject + ": " + what + " predicted " + predicted + ", recorded " + recorded;
  }
}
