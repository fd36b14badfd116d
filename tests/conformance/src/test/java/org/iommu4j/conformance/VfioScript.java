package org.iommu4j.conformance;

import com.google.common.base.Splitter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import org.iommu4j.base.Errno;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.vfio.Vfio;
import org.iommu4j.vfio.VfioContainer;
import org.iommu4j.vfio.VfioGroup;
import org.iommu4j.vfio.process.Backing;
import org.iommu4j.vfio.process.MemoryRights;
import org.iommu4j.vfio.process.ProcessMemory;
import org.iommu4j.vfio.process.UserProcess;
import org.iommu4j.vfio.uapi.DirtyBitmap;
import org.iommu4j.vfio.uapi.DirtyPages;
import org.iommu4j.vfio.uapi.DmaMap;
import org.iommu4j.vfio.uapi.DmaUnmap;
import org.iommu4j.vfio.uapi.GroupStatus;
import org.iommu4j.vfio.uapi.Type1Info;
import org.iommu4j.vfio.uapi.UnmapResult;

/**
 * Runs the commands of a VFIO script on the model, as {@code tests/oracle/vfio/vfio-lockstep.c}
 * runs them on a kernel.
 */
final class VfioScript {
  private static final Splitter BLANKS = Splitter.on(' ').omitEmptyStrings();

  /** What the kernel prints of drivers that are not modelled. */
  private static final Pattern FOREIGN = Pattern.compile("(PCI Interrupt Link|e1000e) .*");

  private static final Pattern KERNEL_LINE =
      Pattern.compile("# ((vfio_pin|vfio_iommu|vfio-pci|DMAR: |pci-stub |PCI Interrupt|e1000e).*)");

  private final Vfio vfio;
  private final VfioFiles files;
  private final UserProcess process;

  VfioScript(Vfio vfio) {
    this.vfio = vfio;
    this.files = new VfioFiles(vfio);
    this.process = vfio.startProcess("vfio-lockstep");
    process.setIpcLockCapable(true);
    process.setMemlockBytes(64 << 20);
    // The recorded machines have one driver of the host loaded.
    PciAddress network = PciAddress.parse("0000:00:03.0").orElseThrow();
    if (vfio.drivers().bind(network, "e1000e") != 0) {
      throw new AssertionError(network);
    }
  }

  /** Returns the recorded lines that are to be compared: commands, and what the kernel printed. */
  static List<String> comparable(List<String> recorded) {
    return recorded.stream()
        .filter(line -> line.contains(" -> ") || KERNEL_LINE.matcher(line).matches())
        .filter(line -> !line.startsWith("# ") || !FOREIGN.matcher(line.substring(2)).matches())
        .toList();
  }

  /** Returns the command of a recorded line, or null for a line of the kernel. */
  static List<String> commands(List<String> comparable) {
    return comparable.stream()
        .filter(line -> line.contains(" -> "))
        .map(line -> line.substring(0, line.indexOf(" -> ")))
        .toList();
  }

  /** Runs a command; returns it with its answer, and what the kernel printed. */
  List<String> run(String command) {
    List<String> words = BLANKS.splitToList(command);
    List<String> lines = new ArrayList<>();
    lines.add(command + " -> " + answer(process, words));
    vfio.system().takeLog().forEach(line -> lines.add("# " + line));
    return lines;
  }

  private String answer(UserProcess caller, List<String> w) {
    return switch (w.get(0)) {
      case "child" -> child(w.subList(1, w.size()));
      case "mmap", "munmap", "fill", "peek", "memlock", "cap", "locked" -> memory(w);
      case "override", "bind", "unbind", "driver", "param" -> sysfs(w);
      case "map", "unmap", "unmapdirty", "dirty", "bitmap", "info", "api", "ext", "iommu" ->
          container(caller, w);
      default -> files.answer(w);
    };
  }

  private String child(List<String> w) {
    UserProcess child = vfio.startProcess("child");
    child.setIpcLockCapable(process.isIpcLockCapable());
    child.setMemlockBytes(process.memlockPages() * 4096);
    // What the scripts' children map lies in their parent's first area.
    int error =
        child.memory().mmap(0x10000000, 0x400000, MemoryRights.READ_WRITE, Backing.anonymous());
    if (error != 0) {
      throw new AssertionError(error);
    }
    String answer = answer(child, w);
    child.exit();
    return answer;
  }

  private static long number(String text) {
    return text.startsWith("0x")
        ? Long.parseUnsignedLong(text.substring(2), 16)
        : Long.parseUnsignedLong(text);
  }

  private static long number(List<String> w, int index, long otherwise) {
    return index < w.size() ? number(w.get(index)) : otherwise;
  }

  private static String ret(int value) {
    return "ret=" + value;
  }

  private String memory(List<String> w) {
    ProcessMemory memory = process.memory();
    long first = number(w, 1, 0);
    return switch (w.get(0)) {
      case "mmap" ->
          ret(memory.mmap(first, number(w.get(2)), rights(w.get(3)), Backing.anonymous()));
      case "munmap" -> ret(memory.munmap(first, number(w.get(2))));
      case "fill" -> {
        byte[] bytes = new byte[(int) number(w.get(2))];
        java.util.Arrays.fill(bytes, (byte) number(w.get(3)));
        memory.write(first, bytes);
        yield "ok";
      }
      case "peek" -> {
        CRC32 crc = new CRC32();
        crc.update(memory.read(first, (int) number(w.get(2))));
        yield String.format("crc=0x%08x", crc.getValue());
      }
      case "memlock" -> {
        process.setMemlockBytes(first);
        yield ret(0);
      }
      case "cap" -> {
        process.setIpcLockCapable(first != 0);
        yield ret(0);
      }
      default -> "kib=" + memory.lockedPages() * 4;
    };
  }

  private static MemoryRights rights(String word) {
    return switch (word) {
      case "rw" -> MemoryRights.READ_WRITE;
      case "r" -> MemoryRights.READ;
      default -> MemoryRights.NONE;
    };
  }

  private String sysfs(List<String> w) {
    if (w.get(0).equals("param")) {
      return parameter(w.get(1), w.get(2));
    }
    PciAddress address = PciAddress.parse(w.get(1)).orElseThrow();
    return switch (w.get(0)) {
      case "override" -> {
        vfio.drivers().setDriverOverride(address, w.size() > 2 ? w.get(2) : null);
        yield ret(0);
      }
      case "bind" -> ret(vfio.drivers().bind(address, w.get(2)));
      case "unbind" -> ret(vfio.drivers().unbind(address) ? 0 : 1);
      default -> "driver=" + Objects.requireNonNullElse(vfio.drivers().driver(address), "none");
    };
  }

  private String parameter(String name, String value) {
    switch (name) {
      case "allow_unsafe_interrupts" ->
          vfio.type1Parameters().setAllowUnsafeInterrupts(value.equals("Y"));
      case "disable_hugepages" -> vfio.type1Parameters().setDisableHugepages(value.equals("Y"));
      default -> vfio.type1Parameters().setDmaEntryLimit((int) number(value));
    }
    return ret(0);
  }

  private String container(UserProcess caller, List<String> w) {
    VfioContainer container = files.container(w.get(1));
    return switch (w.get(0)) {
      case "api" -> ret(container.apiVersion());
      case "ext" -> ret(container.checkExtension((int) number(w.get(2))) ? 1 : 0);
      case "iommu" -> ret(container.setIommu((int) number(w.get(2))));
      case "info" -> info(container, (int) number(w.get(2)));
      case "map" ->
          ret(
              container.mapDma(
                  caller,
                  new DmaMap(
                      (int) number(w, 6, DmaMap.SIZE_BYTES),
                      (int) number(w.get(5)),
                      number(w.get(2)),
                      number(w.get(3)),
                      number(w.get(4)))));
      case "unmap" ->
          unmapped(
              container.unmapDma(
                  caller,
                  new DmaUnmap(
                      (int) number(w, 5, DmaUnmap.SIZE_BYTES),
                      (int) number(w, 4, 0),
                      number(w.get(2)),
                      number(w.get(3)),
                      null)));
      case "dirty" ->
          ret(
              container.dirtyPages(
                  new DirtyPages(
                      (int) number(w, 3, DirtyPages.SIZE_BYTES),
                      (int) number(w.get(2)),
                      0,
                      0,
                      null)));
      default -> dirtyBitmap(caller, container, w);
    };
  }

  private static String unmapped(UnmapResult result) {
    return result.error() == 0
        ? String.format("ret=0 size=0x%x", result.sizeBytes())
        : ret(result.error());
  }

  private String dirtyBitmap(UserProcess caller, VfioContainer container, List<String> w) {
    long iova = number(w.get(2));
    long size = number(w.get(3));
    byte[] data = new byte[(int) number(w.get(5)) + 8];
    DirtyBitmap bitmap = new DirtyBitmap(number(w.get(4)), data.length - 8, data);
    String answer =
        w.get(0).equals("bitmap")
            ? ret(container.dirtyPages(DirtyPages.bitmap(iova, size, bitmap)))
            : unmapped(container.unmapDma(caller, DmaUnmap.withDirty(iova, size, bitmap)));
    return answer.startsWith("ret=0")
        ? answer + " bits=" + HexFormat.of().formatHex(data, 0, data.length - 8)
        : answer;
  }

  private static String info(VfioContainer container, int argsz) {
    Type1Info info = container.info().orElse(null);
    if (info == null || argsz < Type1Info.MIN_BYTES) {
      return ret(Errno.EINVAL);
    }
    byte[] bytes = new byte[4096];
    info.encode(argsz, bytes);
    java.nio.ByteBuffer fields =
        java.nio.ByteBuffer.wrap(bytes).order(java.nio.ByteOrder.LITTLE_ENDIAN);
    int offset = fields.getInt(16);
    String text =
        String.format(
            "ret=0 argsz=%d flags=%d pgsizes=0x%x offset=%d",
            fields.getInt(0), fields.getInt(4), fields.getLong(8), offset);
    return offset == 0 ? text : text + " bytes=" + HexFormat.of().formatHex(bytes, offset, argsz);
  }

  static String status(VfioGroup group) {
    GroupStatus status = group.status();
    return "ret="
        + status.error()
        + " viable="
        + (status.viable() ? 1 : 0)
        + " set="
        + (status.containerSet() ? 1 : 0);
  }
}
