package org.iommu4j.iommu.spi;

import org.iommu4j.iommu.spi.IommuDomain.LeafVisitor;

/**
 * What a unit was told of a device.
 *
 * @param mode the form of the tables that lead to the entry
 * @param stage which table the unit walks for the device
 * @param levels how many levels the table has; what the entry says of it where there is none
 * @param domainId the number that tags the device's translations
 * @param tablePhys the physical address of the topmost table, 0 if there is none
 * @param leaves shows the table
 */
public record HardwareEntry(
    Mode mode, Stage stage, int levels, int domainId, long tablePhys, Leaves leaves) {

  /** The form of the tables that lead to a device's entry. */
  public enum Mode {
    /** An entry a requester. */
    LEGACY,
    /** An entry a requester and address space. */
    SCALABLE
  }

  /** Which table a unit walks. */
  public enum Stage {
    /** None: addresses pass through. */
    NONE,
    /** One in the processor's form. */
    FIRST,
    /** One in the unit's own form. */
    SECOND
  }

  /** The leaves of a table that hardware walks. */
  @FunctionalInterface
  public interface Leaves {
    /** Shows the leaves in the order of their I/O addresses; nothing if there is no table. */
    void visit(LeafVisitor visitor);
  }
}
