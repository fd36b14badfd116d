package org.iommu4j.vtd.hw;

import java.util.Queue;
import org.iommu4j.dma.HardwareObserver;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.vtd.hw.format.BitField;
import org.iommu4j.vtd.hw.format.Register;
import org.iommu4j.vtd.hw.format.RegisterBits.ContextCommand;
import org.iommu4j.vtd.hw.format.RegisterBits.Global;
import org.iommu4j.vtd.hw.format.RegisterBits.InvalidateAddress;
import org.iommu4j.vtd.hw.format.RegisterBits.IotlbCommand;
import org.iommu4j.vtd.hw.format.RegisterBits.RootTable;

/**
 * What a written register makes the unit do.
 *
 * <p>Guarded by the unit's lock, but for the two volatile fields that every request reads. Source:
 * VT-d 3.3 section 11.4.
 */
final class CommandUnit {
  private final HardwareConfig config;
  private final RegisterFile registers;
  private final EventSource faultEvent;
  private final EventSource completionEvent;
  private final FaultRecorder faults;
  private final Invalidator invalidator;
  private final Translator translator;
  private final QueueProcessor queue;
  private final int iotlbOffset;
  private volatile boolean translating;
  private volatile ProtectedRegions regions = ProtectedRegions.NONE;

  CommandUnit(
      PhysicalMemory memory,
      HardwareConfig config,
      Queue<EventSource.Message> outbox,
      HardwareObserver observer) {
    this.config = config;
    this.registers = new RegisterFile(config);
    this.faultEvent = EventSource.ofFaults(registers, outbox);
    this.completionEvent = EventSource.ofInvalidations(registers, outbox);
    this.faults = new FaultRecorder(registers, faultEvent, config);
    ContextCache contexts = new ContextCache(config.contextEntries());
    Iotlb iotlb = new Iotlb(config.iotlbEntries());
    this.invalidator = new Invalidator(config.capabilities(), contexts, iotlb, observer);
    this.translator = new Translator(memory, config, contexts, iotlb, faults, observer);
    this.queue =
        new QueueProcessor(memory, registers, faults, completionEvent, invalidator, observer);
    this.iotlbOffset = config.capabilities().iotlbOffset();
  }

  RegisterFile registers() {
    return registers;
  }

  Translator translator() {
    return translator;
  }

  QueueProcessor queue() {
    return queue;
  }

  boolean isTranslating() {
    return translating;
  }

  boolean protects(long phys) {
    return regions.contains(phys);
  }

  /** Acts on the 32 bits at {@code offset}, which software has just written. */
  void written(int offset) {
    switch (offset) {
      case Register.GCMD -> globalCommand();
      case Register.CCMD + 4 -> contextCommand();
      case Register.FSTS -> {
        faults.softwareCleared();
        queue.process();
      }
      case Register.FECTL -> faultEvent.sendUnlessMasked();
      case Register.PMEN -> regions = ProtectedRegions.of(config, registers);
      case Register.IQT -> queue.process();
      case Register.ICS -> {
        if (registers.get32(Register.ICS) == 0) {
          completionEvent.withdraw();
        }
      }
      case Register.IECTL -> completionEvent.sendUnlessMasked();
      default -> {
        if (offset == iotlbOffset + 12) {
          iotlbCommand();
        } else if (faults.isValidWord(offset)) {
          faults.softwareCleared();
        }
      }
    }
  }

  private void globalCommand() {
    int command = registers.get32(Register.GCMD);
    if (isSet(command, Global.SRTP)) {
      setRootTablePointer();
    }
    if (isSet(command, Global.SIRTP)) {
      registers.flag32(Register.GSTS, Global.SIRTP, true);
    }
    toggle(command, Global.IRE);
    toggle(command, Global.CFI);
    if (config.capabilities().queuedInvalidation() && toggle(command, Global.QIE)) {
      if (isSet(command, Global.QIE)) {
        queue.enable();
      } else {
        queue.disable();
      }
    }
    if (toggle(command, Global.TE)) {
      translating = isSet(command, Global.TE);
    }
  }

  /** Makes the status show what is commanded; returns whether that changed it. */
  private boolean toggle(int command, BitField field) {
    boolean on = isSet(command, field);
    boolean changed = registers.isSet32(Register.GSTS, field) != on;
    registers.flag32(Register.GSTS, field, on);
    return changed;
  }

  private static boolean isSet(int command, BitField field) {
    return field.isSet(Integer.toUnsignedLong(command));
  }

  private void setRootTablePointer() {
    long address = registers.get64(Register.RTADDR);
    int mode = (int) RootTable.TTM.get(address);
    if (mode > RootTable.SCALABLE || (mode != 0 && !config.capabilities().scalableMode())) {
      throw new UnsupportedOperationException(
          String.format("RTADDR 0x%x asks for a mode that the unit does not have", address));
    }
    translator.setRootTable(address & (RootTable.RTA.mask() | RootTable.TTM.mask()));
    if (config.capabilities().enhancedSetRootPointer()) {
      invalidator.everything();
    }
    registers.flag32(Register.GSTS, Global.SRTP, true);
  }

  private void contextCommand() {
    long command = registers.get64(Register.CCMD);
    // While the queue is enabled the command stays unfinished: software must not mix the two.
    if (!ContextCommand.ICC.isSet(command) || queue.isEnabled()) {
      return;
    }
    int done =
        invalidator.contexts(
            (int) ContextCommand.CIRG.get(command),
            (int) ContextCommand.DID.get(command),
            (int) ContextCommand.SID.get(command),
            (int) ContextCommand.FM.get(command));
    long finished = ContextCommand.ICC.replace(command, 0);
    registers.set64(Register.CCMD, ContextCommand.CAIG.replace(finished, done));
  }

  private void iotlbCommand() {
    long command = registers.get64(iotlbOffset + 8);
    if (!IotlbCommand.IVT.isSet(command) || queue.isEnabled()) {
      return;
    }
    long address = registers.get64(iotlbOffset);
    int done =
        invalidator.iotlb(
            (int) IotlbCommand.IIRG.get(command),
            (int) IotlbCommand.DID.get(command),
            address & InvalidateAddress.ADDR.mask(),
            (int) InvalidateAddress.AM.get(address));
    long finished = IotlbCommand.IVT.replace(command, 0);
    registers.set64(iotlbOffset + 8, IotlbCommand.IAIG.replace(finished, done));
  }
}
