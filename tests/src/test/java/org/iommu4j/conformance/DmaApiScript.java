package org.iommu4j.conformance;

import com.google.common.base.Splitter;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.iommu4j.dma.CoherentBuffer;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.DmaPages;
import org.iommu4j.dma.DmaPool;
import org.iommu4j.dma.DmaPools;
import org.iommu4j.dma.MemoryZone;
import org.iommu4j.dma.NoncoherentMemory;
import org.iommu4j.dma.PageAllocator;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.dma.ScatterList;
import org.iommu4j.dma.SgTable;
import org.iommu4j.iommu.BootOptions;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.iommu.machine.Machine;
import org.iommu4j.iommu.pci.PciAddress;

/**
 * Runs the commands of {@code tests/oracle/dmaapi.py} and answers as the kernel module does.
 *
 * <p>Of the recorded answers it looks at where memory was, and only if devices are mapped directly.
 */
final class DmaApiScript implements PageAllocator {
  private static final Splitter BLANKS = Splitter.on(' ').omitEmptyStrings();
  private static final Splitter COLONS = Splitter.on(':');
  private static final Pattern PLACE =
      Pattern.compile(" -> (?:dma|phys)=0x([0-9a-f]+)(?: offset=0x([0-9a-f]+))?.*");

  private final LinuxSystem system;
  private final DmaMapping dma;
  private final PhysicalMemory memory;
  private final NoncoherentMemory noncoherent;
  private final DmaPools pools;
  private final Map<Integer, DmaPool> poolByNumber = new HashMap<>();
  private final Map<Integer, DmaPool> poolOfBlock = new HashMap<>();
  private final Map<Integer, CoherentBuffer> blocks = new HashMap<>();
  private final Map<Integer, DmaPages> allocated = new HashMap<>();
  private final Map<Integer, CoherentBuffer> coherent = new HashMap<>();
  private final Map<Integer, Long> pages = new HashMap<>();
  private final boolean direct;
  private Device device;
  private long recordedPhys;

  DmaApiScript(Machine machine, PciAddress address) {
    system = LinuxSystem.boot(machine, BootOptions.defaults().withBuffers(List.of(), this));
    device = system.device(address).orElseThrow();
    direct = device.dmaOps() == null;
    dma = system.dma();
    memory = system.services().memory();
    noncoherent = new NoncoherentMemory(dma);
    pools = system.dmaPools();
    system.takeLog();
  }

  List<String> log() {
    return system.takeLog();
  }

  @Override
  public long allocate(int order, MemoryZone highest) {
    return direct ? recordedPhys : system.services().frames().allocate(order, highest);
  }

  @Override
  public void free(long phys) {
    if (!direct) {
      system.services().frames().free(phys);
    }
  }

  /** Returns the answer to a command, of which {@code recorded} is the kernel's. */
  String answer(String command, String recorded) {
    Matcher place = PLACE.matcher(recorded.substring(command.length()));
    recordedPhys = 0;
    if (place.matches()) {
      long offset = place.group(2) == null ? 0 : Long.parseLong(place.group(2), 16);
      recordedPhys = Long.parseLong(place.group(1), 16) - offset;
    }
    List<String> words = BLANKS.splitToList(command);
    return switch (words.get(0)) {
      case "mask" -> ret(dma.setMask(device, DmaMapping.bitMask((int) number(words, 1))));
      case "cmask" -> ret(dma.setCoherentMask(device, DmaMapping.bitMask((int) number(words, 1))));
      case "maxseg" -> ret(device.setMaxSegmentSizeBytes((int) number(words, 1)));
      case "boundary" -> ret(device.setSegmentBoundaryMask(number(words, 1)));
      case "minalign" -> ret(device.setMinAlignMask((int) number(words, 1)));
      case "noparms" -> withoutParameters();
      case "limits" -> limits();
      case "pool" -> pool(words);
      case "pdel" -> destroy(words);
      case "palloc", "pzalloc" -> block(words, words.get(0).equals("pzalloc"));
      case "pfree" -> free(words, named(blocks, words, 1).dmaAddr());
      case "pbad" -> free(words, number(words, 2));
      case "pfill" -> fill(words);
      case "ppeek" -> peek(words);
      case "apages" -> pages(words);
      case "alloc" -> alloc(words);
      case "needsync" -> needsSync((int) number(words, 1));
      case "unmap" -> unmap((int) number(words, 1));
      case "getsgt" -> getSgtable(named(coherent, words, 1));
      case "page" -> page(words);
      case "sgtable" -> sgtable(words.subList(1, words.size()));
      default -> throw new AssertionError("unknown: " + command);
    };
  }

  /** Returns the lines that the device's file {@code pools} has. */
  List<String> info() {
    List<String> lines = pools.show(device);
    return lines.isEmpty() ? List.of("none") : lines;
  }

  /** Returns what a script has named before. */
  private static <T> T named(Map<Integer, T> things, List<String> words, int index) {
    return Objects.requireNonNull(things.get((int) number(words, index)), words::toString);
  }

  private static long number(List<String> words, int index) {
    return Long.decode(words.get(index));
  }

  private static String ret(int result) {
    return "ret=" + result;
  }

  private static DmaDirection direction(String word) {
    return switch (word) {
      case "to" -> DmaDirection.TO_DEVICE;
      case "from" -> DmaDirection.FROM_DEVICE;
      default -> DmaDirection.BIDIRECTIONAL;
    };
  }

  private String withoutParameters() {
    Device other = Device.withoutParameters(device.name());
    other.setDmaOps(device.dmaOps());
    dma.setMask(other, device.dmaMask());
    device = other;
    return "ok";
  }

  private String limits() {
    return String.format(
        "max_seg=0x%x boundary=0x%x pages=0x%x min_align=0x%x cache=%d limited=%d canmmap=%d",
        device.maxSegmentSizeBytes(),
        device.segmentBoundaryMask(),
        device.segmentBoundaryPages(12),
        device.minAlignMask(),
        DmaMapping.cacheAlignmentBytes(),
        dma.isAddressingLimited(device) ? 1 : 0,
        dma.canMmap(device) ? 1 : 0);
  }

  private String pool(List<String> words) {
    DmaPool pool =
        pools.create(words.get(2), device, number(words, 3), number(words, 4), number(words, 5));
    if (pool == null) {
      return "error=null";
    }
    poolByNumber.put((int) number(words, 1), pool);
    return "ok";
  }

  private String destroy(List<String> words) {
    named(poolByNumber, words, 1).destroy();
    return "ok";
  }

  private String block(List<String> words, boolean zeroed) {
    DmaPool pool = named(poolByNumber, words, 2);
    CoherentBuffer block = zeroed ? pool.zalloc() : pool.alloc();
    if (block == null) {
      return "error=nomem";
    }
    blocks.put((int) number(words, 1), block);
    poolOfBlock.put((int) number(words, 1), pool);
    return String.format("dma=0x%x offset=0x%x", block.dmaAddr(), block.phys() & 0xfff);
  }

  private String free(List<String> words, long dmaAddr) {
    CoherentBuffer block = named(blocks, words, 1);
    named(poolOfBlock, words, 1).free(new CoherentBuffer(block.phys(), dmaAddr, block.sizeBytes()));
    return "ok";
  }

  private String fill(List<String> words) {
    memory.fill(named(blocks, words, 1).phys(), number(words, 2), (byte) number(words, 3));
    return "ok";
  }

  private String peek(List<String> words) {
    byte[] bytes = new byte[(int) number(words, 2)];
    memory.read(named(blocks, words, 1).phys(), bytes, 0, bytes.length);
    return HexFormat.of().formatHex(bytes);
  }

  private String pages(List<String> words) {
    DmaPages got = noncoherent.allocPages(device, number(words, 2), direction(words.get(3)));
    if (got == null) {
      return "error=nomem";
    }
    allocated.put((int) number(words, 1), got);
    return String.format("dma=0x%x", got.dmaAddr());
  }

  private String alloc(List<String> words) {
    CoherentBuffer buffer = dma.allocCoherent(device, number(words, 2), 0);
    if (buffer == null) {
      return "error=nomem";
    }
    coherent.put((int) number(words, 1), buffer);
    return String.format("dma=0x%x", buffer.dmaAddr());
  }

  private String needsSync(int id) {
    DmaPages got = allocated.get(id);
    return dma.needsSync(device, got == null ? 0 : got.dmaAddr()) ? "1" : "0";
  }

  private String unmap(int id) {
    DmaPages got = allocated.remove(id);
    CoherentBuffer buffer = coherent.remove(id);
    if (got != null) {
      noncoherent.freePages(device, got);
      return after(got.dmaAddr());
    }
    if (buffer != null) {
      dma.freeCoherent(device, buffer, 0);
      return after(buffer.dmaAddr());
    }
    return "error=nomap";
  }

  private String after(long dmaAddr) {
    PciAddress address = PciAddress.parse(device.name()).orElseThrow();
    long phys = direct ? dmaAddr : system.domain(address).orElseThrow().iovaToPhys(dmaAddr);
    return String.format("ok after=0x%x", phys);
  }

  private String getSgtable(CoherentBuffer buffer) {
    SgTable table = new SgTable(new ScatterList(1));
    int result = table.getSgtable(dma, device, buffer);
    return result != 0
        ? ret(result)
        : String.format(
            "ret=0 nents=%d orig=%d length=0x%x offset=0x%x",
            table.mappedEntries(),
            table.entries().size(),
            table.entries().lengthBytes(0),
            table.entries().offsetBytes(0));
  }

  private String page(List<String> words) {
    long phys = allocate((int) number(words, 2), MemoryZone.NORMAL);
    pages.put((int) number(words, 1), phys);
    return String.format("phys=0x%x", phys);
  }

  private String sgtable(List<String> words) {
    ScatterList list = new ScatterList(words.size());
    for (String word : words) {
      List<String> parts = COLONS.splitToList(word);
      list.add(
          named(pages, parts, 0), Integer.parseInt(parts.get(1)), Integer.parseInt(parts.get(2)));
    }
    SgTable table = new SgTable(list);
    int result = table.mapSgtable(dma, device, DmaDirection.BIDIRECTIONAL, 0);
    StringBuilder answer = new StringBuilder("ret=" + result + " nents=" + table.mappedEntries());
    for (int i = 0; i < table.mappedEntries(); i++) {
      answer.append(String.format(" %x+%x", list.dmaAddr(i), list.dmaLengthBytes(i)));
    }
    table.unmapSgtable(dma, device, DmaDirection.BIDIRECTIONAL, 0);
    return answer.toString();
  }
}
