package org.iommu4j.evidence.trace;

import java.util.HashMap;
import java.util.Map;

/**
 * Which address of the kernel an address of the model stands for, where the two have once differed:
 * so that one difference, which is counted, is not found again at every later use. Not thread-safe.
 */
final class AddressBindings {
  private final Map<Place, Long> recordedAddr = new HashMap<>();

  /** A page of a group's address space. */
  private record Place(int group, long modelAddr) {}

  /** Notes that the two stand for each other from here on. */
  void bind(int group, long modelAddr, long recorded) {
    recordedAddr.put(new Place(group, modelAddr), recorded);
  }

  /** Returns an address of the mapping that begins at {@code modelAddr} as the kernel has it. */
  long shown(int group, long modelAddr, long dmaAddr) {
    return recordedAddr.getOrDefault(new Place(group, modelAddr), modelAddr) + dmaAddr - modelAddr;
  }
}
