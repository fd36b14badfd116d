package org.iommu4j.machine.pci;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Puts configuration spaces at addresses, for tests. */
public final class TopologyBuilder {
  private final Map<PciAddress, ConfigSpaces> spaces = new LinkedHashMap<>();
  private final Map<PciAddress, ImmutableList<PciResource>> resources = new HashMap<>();
  private final Set<PciAddress> external = new HashSet<>();

  /** Starts a machine without functions. */
  public TopologyBuilder() {}

  /** Adds a function. */
  @CanIgnoreReturnValue
  public TopologyBuilder add(String address, ConfigSpaces space) {
    spaces.put(address(address), space);
    return this;
  }

  /** Adds a port that leads out of the chassis. */
  @CanIgnoreReturnValue
  public TopologyBuilder addExternal(String address, ConfigSpaces space) {
    external.add(address(address));
    return add(address, space);
  }

  /** Gives a function a range of memory. */
  @CanIgnoreReturnValue
  public TopologyBuilder memory(String address, int index, long start, long end) {
    ImmutableList.Builder<PciResource> ranges = ImmutableList.builder();
    for (int i = 0; i < index; i++) {
      ranges.add(new PciResource(0, 0, 0));
    }
    resources.put(address(address), ranges.add(new PciResource(start, end, 0x200)).build());
    return this;
  }

  /** Returns the address that a text names. */
  public static PciAddress address(String text) {
    return PciAddress.parse(text).orElseThrow();
  }

  /** Returns the function of a topology that a text names. */
  public static PciDevice at(PciTopology pci, String text) {
    return pci.device(address(text)).orElseThrow();
  }

  /** Returns the configuration space at an address, to be changed. */
  public ConfigSpaces space(PciAddress address) {
    return Objects.requireNonNull(spaces.get(address), address::toString);
  }

  /** Returns the topology. */
  public PciTopology build() {
    return PciTopology.of(
        spaces.entrySet().stream()
            .map(entry -> facts(entry.getKey(), entry.getValue().build()))
            .toList());
  }

  private PciFunctionFacts facts(PciAddress address, ConfigSpace config) {
    PciFunctionFacts facts = PciFunctionFacts.ofConfig(address, config);
    return new PciFunctionFacts(
        address,
        config,
        facts.vendorId(),
        facts.deviceId(),
        facts.classCode(),
        resources.getOrDefault(address, ImmutableList.of()),
        external.contains(address));
  }
}
