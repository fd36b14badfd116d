package org.iommu4j.vfio.policy;

/** How a device of a group stands to the group being handed to user space. */
public enum DriverStanding {
  /** It has no driver. */
  WITHOUT_DRIVER("has no driver"),
  /** Its driver registers it with VFIO, so that user space can have it. */
  VFIO("is bound to a VFIO driver"),
  /** Its driver keeps other drivers away and does nothing else. */
  STUB("is bound to a driver that does nothing"),
  /** It is a bridge, whose driver does no DMA of its own. */
  BRIDGE("is a bridge"),
  /** A driver of the host uses it: the group stays with the host. */
  IN_USE("is in use by the host");

  private final String words;

  DriverStanding(String words) {
    this.words = words;
  }

  /** Returns whether the group can be handed out as far as this device goes. */
  public boolean isAllowed() {
    return this != IN_USE;
  }

  /** Returns a predicate of the device, for people. */
  public String words() {
    return words;
  }
}
