package org.iommu4j.evidence.replay;

import com.google.common.base.Splitter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.DmaPath;
import org.iommu4j.dma.PhysRange;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.dma.ScatterList;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.machine.pci.PciAddress;
import org.jspecify.annotations.Nullable;

/** What a script has done so far. Not thread-safe. */
final class ReplayState {
  private static final int MAX_ID = 65536;
  private static final Splitter COLON = Splitter.on(':');

  private final LinuxSystem system;
  private final RecordedPages pages;
  private final Map<Integer, ReplayMapping> mappings = new HashMap<>();
  private final Map<Integer, Long> pagePhys = new HashMap<>();
  private final Map<Integer, Long> addresses = new HashMap<>();
  private @Nullable PciAddress address;
  private @Nullable Device device;

  ReplayState(LinuxSystem system, RecordedPages pages) {
    this.system = system;
    this.pages = pages;
  }

  LinuxSystem system() {
    return system;
  }

  DmaMapping dma() {
    return system.dma();
  }

  PhysicalMemory memory() {
    return system.services().memory();
  }

  RecordedPages pages() {
    return pages;
  }

  void select(PciAddress selected, Device its) {
    address = selected;
    device = its;
  }

  /** From here on no device is selected. */
  void deselect() {
    address = null;
    device = null;
  }

  boolean hasDevice() {
    return device != null;
  }

  /** Returns the current device; the caller has made sure that there is one. */
  Device device() {
    Device current = device;
    if (current == null) {
      throw new IllegalStateException("no device was selected");
    }
    return current;
  }

  /** Returns the current device's address; the caller has made sure that there is one. */
  PciAddress address() {
    PciAddress current = address;
    if (current == null) {
      throw new IllegalStateException("no device was selected");
    }
    return current;
  }

  Optional<IommuDomain> domain() {
    return system.domain(address());
  }

  /** Returns what the IOMMU makes of an address of the current device. */
  long translate(long iova) {
    return domain()
        .filter(domain -> domain.type() != DomainType.IDENTITY)
        .map(domain -> domain.iovaToPhys(iova))
        .orElse(iova);
  }

  /** Returns the number that a word names a page, a mapping or a block with. */
  static int id(TranscriptCommand command, int index) {
    return (int) (command.number(index) & 0xffff_ffffL) & MAX_ID - 1;
  }

  void putPage(TranscriptCommand command, long phys) {
    pagePhys.put(id(command, 1), phys);
  }

  void removePage(TranscriptCommand command) {
    pagePhys.remove(id(command, 1));
  }

  /** Returns the physical address of the page that a word names. */
  long pagePhys(TranscriptCommand command, int index) {
    return physOfPage(command, id(command, index));
  }

  /** Returns the physical address of a page by its number. */
  long physOfPage(TranscriptCommand command, int page) {
    Long phys = pagePhys.get(page & MAX_ID - 1);
    if (phys == null) {
      throw command.bad("a page is allocated before it is used");
    }
    return phys;
  }

  /** Returns the pieces that a command's words from this one on list as PAGE:OFF:LEN. */
  ScatterList list(TranscriptCommand command, int first) {
    List<String> words = command.words();
    ScatterList list = new ScatterList(words.size());
    for (String word : words.subList(Math.min(first, words.size()), words.size())) {
      List<String> parts = COLON.splitToList(word);
      if (parts.size() != 3 || !parts.stream().allMatch(part -> part.matches("[0-9]{1,9}"))) {
        throw command.bad("an entry is PAGE:OFF:LEN");
      }
      list.add(
          physOfPage(command, Integer.parseInt(parts.get(0))),
          Integer.parseInt(parts.get(1)),
          Integer.parseInt(parts.get(2)));
    }
    if (list.size() == 0) {
      throw command.bad("a list has at least one entry");
    }
    return list;
  }

  /** Returns where the first entries of a list were mapped, as the module writes it. */
  static String pieces(ScatterList list, int entries) {
    StringBuilder pieces = new StringBuilder();
    for (int i = 0; i < entries; i++) {
      pieces.append(String.format(" %x+%x", list.dmaAddr(i), list.dmaLengthBytes(i)));
    }
    return pieces.toString();
  }

  /**
   * Sets where the memory is that a command allocates: where the kernel had it, if that is known,
   * else nowhere; but a remapped device may have got memory, and then no address for it, which only
   * trying tells.
   */
  void place(List<PhysRange> runs) {
    if (runs.isEmpty() && device().dmaPath() != DmaPath.DIRECT) {
      pages.placeAnywhere(system.services().frames());
    } else {
      pages.placeAt(runs);
    }
  }

  /** Does {@link #place} for a command that answers with an address for the device alone. */
  void placeMapped(TranscriptCommand command) {
    OptionalLong phys = RecordedPages.directPhysOf(command);
    if (device().dmaPath() != DmaPath.DIRECT || phys.isEmpty()) {
      place(List.of());
    } else {
      pages.placeAt(phys.getAsLong());
    }
  }

  void putMapping(TranscriptCommand command, ReplayMapping mapping) {
    mappings.put(id(command, 1), mapping);
  }

  /** Notes the address that a name stands for, also when it is mapped no longer. */
  void putAddress(TranscriptCommand command, long dmaAddr) {
    addresses.put(id(command, 1), dmaAddr);
  }

  /** Returns the address that a name last stood for, 0 if it never did. */
  long address(TranscriptCommand command, int index) {
    return addresses.getOrDefault(id(command, index), 0L);
  }

  void removeMapping(TranscriptCommand command) {
    mappings.remove(id(command, 1));
  }

  @Nullable ReplayMapping mapping(TranscriptCommand command, int index) {
    return mappings.get(id(command, index));
  }
}
