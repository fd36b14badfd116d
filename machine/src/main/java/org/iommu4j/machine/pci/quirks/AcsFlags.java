package org.iommu4j.machine.pci.quirks;

import java.util.ArrayList;
import java.util.List;

/**
 * The bits of Access Control Services (ACS), in the capability and in the control register.
 *
 * <p>Source: {@code include/uapi/linux/pci_regs.h:PCI_ACS_*}.
 */
public final class AcsFlags {
  /** Source Validation. */
  public static final int SV = 0x01;

  /** Translation Blocking. */
  public static final int TB = 0x02;

  /** Peer-to-peer Request Redirect. */
  public static final int RR = 0x04;

  /** Peer-to-peer Completion Redirect. */
  public static final int CR = 0x08;

  /** Upstream Forwarding. */
  public static final int UF = 0x10;

  /** Peer-to-peer Egress Control. */
  public static final int EC = 0x20;

  /** Direct Translated peer-to-peer. */
  public static final int DT = 0x40;

  /**
   * What isolates a function from its peers.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:REQ_ACS_FLAGS}.
   */
  public static final int ISOLATION = SV | RR | CR | UF;

  private static final String[] NAMES = {"SV", "TB", "RR", "CR", "UF", "EC", "DT"};

  private AcsFlags() {}

  /** Returns the names of the bits, such as {@code SV RR}, or {@code none}. */
  public static String print(int flags) {
    List<String> names = new ArrayList<>();
    for (int bit = 0; bit < NAMES.length; bit++) {
      if ((flags & 1 << bit) != 0) {
        names.add(NAMES[bit]);
      }
    }
    return names.isEmpty() ? "none" : String.join(" ", names);
  }
}
