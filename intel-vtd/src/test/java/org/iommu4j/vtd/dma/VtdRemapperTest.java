package org.iommu4j.vtd.dma;

import org.iommu4j.bounce.IovaMapper;
import org.iommu4j.bounce.IovaMapperContract;
import org.iommu4j.dma.Device;
import org.iommu4j.testkit.Rig;
import org.iommu4j.vtd.kit.IntelFixture;
import org.junit.jupiter.api.Nested;

final class VtdRemapperTest {
  abstract static class OfUnit extends IovaMapperContract {
    private final Rig rig;
    private final VtdRemapper mapper;

    OfUnit(IntelFixture unit) {
      rig = Rig.boot(unit);
      mapper = new VtdRemapper(rig.system().services());
    }

    @Override
    protected IovaMapper mapper() {
      return mapper;
    }

    @Override
    protected Device device() {
      return rig.device();
    }
  }

  @Nested
  final class Lazy extends OfUnit {
    Lazy() {
      super(IntelFixture.LAZY_REGISTERS);
    }
  }

  @Nested
  final class Strict extends OfUnit {
    Strict() {
      super(IntelFixture.STRICT_QUEUE);
    }
  }
}
