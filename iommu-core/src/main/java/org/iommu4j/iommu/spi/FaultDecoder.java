package org.iommu4j.iommu.spi;

import java.util.Optional;
import org.iommu4j.iommu.fault.FaultMessage;

/**
 * Reads the lines in which a vendor's driver tells of refused requests.
 *
 * <p>Implementations must be stateless and thread-safe, and must never throw, whatever the line
 * holds.
 */
@FunctionalInterface
public interface FaultDecoder {
  /** Knows no line. */
  FaultDecoder NONE = line -> Optional.empty();

  /**
   * Returns what a line says, or empty if the vendor's driver prints no such line.
   *
   * @param line a line of the kernel's log without its time; other text may stand before and after
   */
  Optional<FaultMessage> decode(String line);
}
