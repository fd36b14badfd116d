package org.iommu4j.iommu.spi;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.Optional;
import org.iommu4j.machine.FirmwareTable;
import org.iommu4j.machine.pci.PciTopology;

/**
 * Shows the table in which firmware describes a vendor's hardware.
 *
 * <p>Implementations must be stateless and thread-safe. Both methods take any bytes; of bytes that
 * are no such table they throw a {@link org.iommu4j.machine.input.BadInputException}.
 */
public interface TablePrinter {
  /**
   * Returns the table's fields and what is wrong with it, for people.
   *
   * @param pci the buses on which to look devices up, if they are known
   */
  ImmutableList<String> lines(FirmwareTable table, Optional<PciTopology> pci);

  /**
   * Returns the same as maps, lists, strings, integers and booleans, for a JSON writer.
   *
   * @param pci the buses on which to look devices up, if they are known
   */
  ImmutableMap<String, Object> tree(FirmwareTable table, Optional<PciTopology> pci);
}
