package org.iommu4j.evidence.replay;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.iommu4j.base.Errno;
import org.iommu4j.base.ManualTimers;
import org.iommu4j.base.ModelCpus;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.DmaOps;
import org.iommu4j.dma.PhysRange;
import org.iommu4j.iommu.BootReport.DeviceReport;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.iommu.spi.NoMemoryException;
import org.iommu4j.machine.pci.PciAddress;

/** Runs the commands of a script on one booted system, one after the other. Not thread-safe. */
final class CommandRunner {

  /** How long the device takes to begin, and how long the script then waits for its faults. */
  private static final int DEVICE_MILLIS = 100;

  private static final int AFTER_DEVICE_MILLIS = 50;

  /** What answers with lines of its own below the command's. */
  private static final ImmutableSet<String> LISTS = ImmutableSet.of("dump", "ddump", "pinfo");

  private final LinuxSystem system;
  private final ManualTimers timers;
  private final ReplayState state;
  private final MappingCommands mappings;
  private final LimitCommands limits;
  private final MemoryCommands memory;
  private final HardwareCommands hardware;
  private final DomainCommands domains;
  private final OwnerCommands owners;
  private final PoolCommands pools;
  private final TableCommands tables;
  private final ImmutableSet<String> unknown;

  CommandRunner(LinuxSystem system, ManualTimers timers, RecordedPages pages) {
    this.system = system;
    this.timers = timers;
    this.state = new ReplayState(system, pages);
    this.mappings = new MappingCommands(state);
    this.limits = new LimitCommands(state);
    this.memory = new MemoryCommands(state);
    this.hardware = new HardwareCommands(state);
    this.domains = new DomainCommands(state, hardware);
    this.owners = new OwnerCommands(state);
    this.pools = new PoolCommands(state);
    this.tables = new TableCommands(state);
    this.unknown = ModuleCommands.unknownUnder(system.rules().release());
    selectLast();
  }

  // What runs the script has asked about each device before, in their order.
  private void selectLast() {
    system.devices().keySet().stream()
        .max(Comparator.naturalOrder())
        .ifPresent(last -> state.select(last, system.device(last).orElseThrow()));
  }

  LinuxSystem system() {
    return system;
  }

  /** Runs a command and returns what the model wrote about it. */
  ReplayedCommand run(TranscriptCommand command) {
    List<String> lines = new ArrayList<>();
    if (command.text().startsWith("#")) {
      lines.add(command.text());
    } else if (isList(command)) {
      lines.add(command.text() + TranscriptCommand.ARROW);
      list(command, lines);
    } else {
      if (command.word(0).startsWith("edu") && state.hasDevice()) {
        lines.add(Transcript.DEVICE + String.format("0x%x", memory.target(command)));
      }
      lines.add(command.text() + TranscriptCommand.ARROW + " " + possibleAnswer(command));
    }
    ImmutableList<String> log =
        system.takeLog().stream().map(line -> "# " + line).collect(ImmutableList.toImmutableList());
    return new ReplayedCommand(command, ImmutableList.copyOf(lines), log);
  }

  private boolean isList(TranscriptCommand command) {
    return state.hasDevice() && LISTS.contains(command.word(0)) && !domains.lacksDomain(command);
  }

  private void list(TranscriptCommand command, List<String> lines) {
    switch (command.word(0)) {
      case "dump" -> hardware.dump(lines);
      case "ddump" -> domains.ddump(command, lines);
      default -> pools.info(lines);
    }
  }

  // What the model's callers must not do is what the kernel would have stopped at.
  private String possibleAnswer(TranscriptCommand command) {
    try {
      return answer(command);
    } catch (NoMemoryException e) {
      throw e;
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw command.bad("no kernel survives it: " + e.getMessage());
    }
  }

  private String answer(TranscriptCommand command) {
    return switch (command.word(0)) {
      case "dev" -> dev(command);
      case "cpu" -> cpu(command);
      case "sleep" -> sleep(command);
      case "page" -> memory.page(command);
      case "pagefree" -> memory.pagefree(command);
      case "tlb" -> tlb();
      default -> state.hasDevice() ? known(command) : "error=nodev";
    };
  }

  private String known(TranscriptCommand command) {
    return unknown.contains(command.word(0)) ? "error=unknown" : ofDevice(command);
  }

  private String tlb() {
    PhysRange pool = system.services().pool().range();
    return String.format("start=0x%x end=0x%x", pool.startPhys(), pool.endPhys());
  }

  private String ofDevice(TranscriptCommand command) {
    DmaMapping dma = state.dma();
    Device device = state.device();
    return switch (command.word(0)) {
      case "mask" -> "ret=" + dma.setMask(device, mask(command));
      case "cmask" -> "ret=" + dma.setCoherentMask(device, mask(command));
      case "map" -> mappings.map(command);
      case "resource" -> mappings.resource(command);
      case "sg" -> mappings.sg(command);
      case "alloc" -> mappings.alloc(command);
      case "apages" -> mappings.pages(command);
      case "unmap" -> mappings.unmap(command);
      case "synccpu" -> memory.sync(command, true);
      case "syncdev" -> memory.sync(command, false);
      case "fill" -> memory.fill(command);
      case "peek" -> memory.peek(command);
      case "dpeek" -> memory.deviceSees(command, true);
      case "dpoke" -> memory.deviceSees(command, false);
      case "edu", "edu+" -> edu(command);
      case "needsync" -> memory.needsSync(command);
      case "sgsynccpu" -> memory.syncList(command, true);
      case "sgsyncdev" -> memory.syncList(command, false);
      case "info", "limits", "flags", "slots" -> limits.run(command);
      case "maxseg", "segbound", "boundary", "minalign", "buslimit", "noparms" ->
          limits.run(command);
      case "pool", "pdel", "palloc", "pzalloc", "pfree", "pbad", "pfill", "ppeek" ->
          pools.run(command);
      case "getsgt" -> tables.ofCoherent(command);
      case "sgtable" -> tables.mapAndUnmap(command);
      case "xlate" -> String.format("phys=0x%x", state.translate(command.number(1)));
      case "hw" -> hardware.hw();
      case "dclaim", "drelease", "dclaimed" -> owners.run(command);
      case "dnew", "dnewdev", "dattach", "ddetach", "ddel" -> domains.run(command);
      case "dmap", "dunmap", "dxlate", "ddump" -> domains.run(command);
      default -> "error=unknown";
    };
  }

  /** {@code edu r|w IOVA LEN}, {@code edu+ r|w ID LEN}. */
  private String edu(TranscriptCommand command) {
    timers.advance(DEVICE_MILLIS);
    String answer = memory.edu(command, memory.target(command));
    timers.advance(AFTER_DEVICE_MILLIS);
    return answer;
  }

  private static long mask(TranscriptCommand command) {
    // The module shifts by what it is given, of which the processor takes six bits.
    long bits = command.number(1);
    return bits == Long.SIZE ? DmaMapping.bitMask(Long.SIZE) : (1L << bits) - 1;
  }

  /** {@code dev BDF}. */
  private String dev(TranscriptCommand command) {
    PciAddress address =
        PciAddress.parse(command.word(1))
            .orElseThrow(() -> command.bad("a device is DOMAIN:BUS:DEVICE.FUNCTION"));
    Device device = system.device(address).orElse(null);
    DeviceReport report = system.report().device(address).orElse(null);
    if (device == null || report == null) {
      state.deselect();
      return "error=nodev";
    }
    state.select(address, device);
    system.dma();
    DmaOps ops = device.dmaOps();
    return String.format(
        "ops=%s domain=%d group=%d untrusted=%d mask=0x%x cmask=0x%x",
        ops == null || report.dmaOps() == null ? "0x0" : ops.symbol(),
        system
            .rules()
            .domainTypes()
            .number(system.domain(address).map(IommuDomain::type).orElse(null)),
        report.group() == null ? -1 : report.group(),
        report.untrusted() ? 1 : 0,
        device.dmaMask(),
        device.coherentDmaMask());
  }

  /** {@code cpu N}. */
  private String cpu(TranscriptCommand command) {
    long wanted = command.number(1);
    ModelCpus cpus = system.services().cpus();
    boolean there = wanted >= 0 && wanted < cpus.count();
    if (there) {
      cpus.bind((int) wanted);
    }
    return "ret=" + (there ? 0 : Errno.EINVAL) + " now=" + cpus.current();
  }

  /** {@code sleep MS}. */
  private String sleep(TranscriptCommand command) {
    timers.advance(command.smallNumber(1, Integer.MAX_VALUE));
    return "ok";
  }
}
