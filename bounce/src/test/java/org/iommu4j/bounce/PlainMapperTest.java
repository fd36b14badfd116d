package org.iommu4j.bounce;

import org.iommu4j.dma.Device;

final class PlainMapperTest extends IovaMapperContract {
  private final Device device = new Device("0000:01:00.0");
  private final PlainMapper mapper = new PlainMapper(device);

  @Override
  protected IovaMapper mapper() {
    return mapper;
  }

  @Override
  protected Device device() {
    return device;
  }
}
