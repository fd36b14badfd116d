package org.iommu4j.vtd.hw.qemu;

import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import org.iommu4j.dma.HardwareObserver;
import org.iommu4j.dma.PhysRange;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.vtd.hw.Access;
import org.iommu4j.vtd.hw.HardwareConfig;
import org.iommu4j.vtd.hw.RemappingHardware;
import org.iommu4j.vtd.hw.Requester;
import org.iommu4j.vtd.hw.format.Capabilities;
import org.iommu4j.vtd.hw.format.FaultRecord;
import org.iommu4j.vtd.hw.format.Register;

/** The bench of our own hardware. */
final class ModelBench implements Bench {
  private final PhysicalMemory memory = PhysicalMemory.ofRam(List.of(new PhysRange(0, 512L << 20)));
  private final RemappingHardware unit;
  private final Requester device;
  private final byte[] buffer = new byte[4096];

  ModelBench(Capabilities capabilities) {
    // QEMU takes aw-bits, which its MGAW shows, for the platform's address width too.
    unit =
        new RemappingHardware(
            memory,
            HardwareConfig.of(capabilities, capabilities.mgawBits()),
            HardwareObserver.NONE);
    device = Requester.uncached(unit, SOURCE);
  }

  @Override
  public long readMemory64(long phys) {
    return memory.read64(phys);
  }

  @Override
  public void writeMemory64(long phys, long value) {
    memory.write64(phys, value);
  }

  @Override
  public int readRegister32(int offset) {
    return unit.read32(offset);
  }

  @Override
  public long readRegister64(int offset) {
    return unit.read64(offset);
  }

  @Override
  public void writeRegister32(int offset, int value) {
    unit.write32(offset, value);
  }

  @Override
  public void writeRegister64(int offset, long value) {
    unit.write64(offset, value);
  }

  @Override
  public long[] takeFault(int recordOffset) {
    long status = readRegister32(Register.FSTS);
    long high = readRegister64(recordOffset + 8);
    long low = readRegister64(recordOffset);
    writeRegister64(recordOffset + 8, FaultRecord.F.mask());
    return new long[] {status, high, low, readRegister32(Register.FSTS)};
  }

  /** As on QEMU's bus, zeros are read where a request is refused and where there is no memory. */
  @Override
  public void deviceRead(long iova, int bufferOffset, int lengthBytes) {
    boolean refused = device.read(iova, buffer, bufferOffset, lengthBytes) != null;
    if (refused || !memory.isRam(unit.translate(SOURCE, iova, Access.READ))) {
      Arrays.fill(buffer, bufferOffset, bufferOffset + lengthBytes, (byte) 0);
    }
  }

  @Override
  public void deviceWrite(long iova, int bufferOffset, int lengthBytes) {
    var unused = device.write(iova, buffer, bufferOffset, lengthBytes);
  }

  @Override
  public long checksum(long phys, int lengthBytes) {
    byte[] bytes = new byte[lengthBytes];
    memory.read(phys, bytes, 0, lengthBytes);
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return crc.getValue();
  }

  @Override
  public void close() {}
}
