package org.iommu4j.vtd.driver;

import com.google.errorprone.annotations.Immutable;
import org.iommu4j.vtd.hw.format.FaultRecord;

/**
 * How a release tells of a fault that a unit has recorded. Implementations are stateless.
 *
 * <p>Source: {@code drivers/iommu/intel/dmar.c:dmar_fault_do_one}.
 */
@Immutable
public interface FaultForm {
  /** The reason is a decimal number, and a request without PASID has one of all ones. */
  FaultForm DECIMAL_REASON = new DecimalFaultForm();

  /** Numbers are hexadecimal and say so, and a request without PASID has none. */
  FaultForm HEXADECIMAL_REASON = new HexadecimalFaultForm();

  /** Returns the log's line. */
  String line(FaultRecord fault);
}
